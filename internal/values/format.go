package values

import (
	"strconv"
	"strings"
)

// format is what a file is for, by which its values are read.
type format string

const (
	kubernetes     format = "kubernetes"
	helm           format = "helm"
	compose        format = "compose"
	cloudFormation format = "cloudformation"
	terraform      format = "terraform"
	plainYAML      format = "yaml"
	plainJSON      format = "json"
)

// document is one object of a file, by what it is called.
type document struct {
	name   string
	root   *node
	object bool // of Kubernetes
	// replicas say how many there are of it: a number, or unknown. From is the node
	// that says so, if one does.
	replicas string
	from     *node
}

// sort finds out what the documents are.
func (f *file) sort(roots []*node) {
	switch {
	case hasSuffix(f.base, ".tf", ".tfvars", ".hcl", ".tf.json", ".tfvars.json"):
		f.format = terraform
	case strings.HasSuffix(f.base, ".json"):
		f.format = plainJSON
	case strings.HasPrefix(f.base, "values"), hasSuffix(f.base, ".values.yaml", ".values.yml"):
		f.format = helm
	default:
		f.format = plainYAML
	}
	if f.format != terraform {
		f.recognise(roots)
	}
	for i, root := range roots {
		name := ""
		if i > 0 {
			name = "#" + strconv.Itoa(i+1)
		}
		switch {
		case isObject(root):
			f.objects(root)
		case f.format == cloudFormation:
			f.intrinsic(root)
			f.documents = append(f.documents, document{name: name, root: root})
		default:
			f.documents = append(f.documents, document{name: name, root: root})
		}
	}
	f.patches(roots)
	f.autoscale()
}

// recognise tells by what is in them what the documents are for.
func (f *file) recognise(roots []*node) {
	for _, root := range roots {
		switch {
		case isObject(root):
			f.format = kubernetes
			return
		case isCloudFormation(root):
			f.format = cloudFormation
			return
		case f.isCompose(root):
			f.format = compose
			return
		}
	}
}

// isCompose says whether a document is a Compose file (Compose specification): by
// its name, or by what its services have.
func (f *file) isCompose(root *node) bool {
	if !root.has("services", mapping) {
		return false
	}
	if strings.HasPrefix(f.base, "compose") || strings.HasPrefix(f.base, "docker-compose") {
		return true
	}
	for _, s := range root.get("services").pairs {
		if f.format != helm && isService(s.value) {
			return true
		}
	}
	return false
}

// isService says whether a service is one of Compose: by what it runs, or in a file
// that only adds to another one, by what no other format calls so.
func isService(n *node) bool {
	for _, key := range [...]string{"build", "extends", "mem_limit", "mem_reservation", "memswap_limit"} {
		if n.get(key) != nil {
			return true
		}
	}
	image := n.get("image")
	return image != nil && image.kind != mapping || n.get("deploy", "resources") != nil
}

// isCloudFormation says whether a document is a CloudFormation template (AWS
// CloudFormation User Guide, "Template anatomy").
func isCloudFormation(root *node) bool {
	if root.get("AWSTemplateFormatVersion") != nil {
		return true
	}
	resources := root.get("Resources")
	if resources == nil {
		return false
	}
	for _, r := range resources.pairs {
		if kind := r.value.word("Type"); strings.Contains(kind, "::") {
			return true
		}
	}
	return false
}

// intrinsic makes expressions of the intrinsic functions in their long form (AWS
// CloudFormation User Guide, "Intrinsic function reference").
func (f *file) intrinsic(n *node) {
	for _, p := range n.pairs {
		f.intrinsic(p.value)
	}
	for _, item := range n.items {
		f.intrinsic(item)
	}
	if n.kind == mapping && len(n.pairs) == 1 && (n.pairs[0].key == "Ref" || strings.HasPrefix(n.pairs[0].key, "Fn::")) {
		n.kind, n.text = expression, f.describe(n)
	}
}
