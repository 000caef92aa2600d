package values

import (
	"slices"
	"strings"
)

// unknown is a number of replicas that cannot be told.
const unknown = "?"

// isObject says whether a document is a Kubernetes object.
func isObject(n *node) bool { return n.word("apiVersion") != "" && n.word("kind") != "" }

// objects adds an object, or those of a list.
func (f *file) objects(root *node) {
	if items := root.get("items"); strings.HasSuffix(root.word("kind"), "List") && items != nil && items.kind == list {
		for _, item := range items.items {
			f.objects(item)
		}
		return
	}
	d := document{name: objectName(root, root.get("metadata")), root: root, object: true}
	d.replicas, d.from = replicasOf(root)
	f.documents = append(f.documents, d)
}

// objectName is what an object is told apart by: KIND/NAMESPACE/NAME.
func objectName(root, meta *node) string {
	parts := []string{root.word("kind"), meta.word("namespace"), meta.word("name")}
	if parts[2] == "" && meta.word("generateName") != "" {
		parts[2] = meta.word("generateName") + "*"
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "/")
}

// replicasOf is how many there are of what an object runs: its replicas, or how
// many of a job run at once. A DaemonSet has one for each node.
func replicasOf(root *node) (string, *node) {
	if root.word("kind") == "DaemonSet" {
		return unknown, nil
	}
	for _, way := range [][]string{{"spec", "replicas"}, {"spec", "parallelism"}, {"spec", "jobTemplate", "spec", "parallelism"}} {
		if n := root.get(way...); n != nil {
			return counted(n), n
		}
	}
	return "", nil
}

// autoscale gives what an autoscaler in the same file scales the most that it may
// make of it, whatever the object itself says (Kubernetes documentation,
// "Horizontal Pod Autoscaling").
func (f *file) autoscale() {
	for i := range f.documents {
		scaler := f.documents[i].root
		if scaler.word("kind") != "HorizontalPodAutoscaler" {
			continue
		}
		target := scaler.get("spec", "scaleTargetRef")
		most := scaler.get("spec", "maxReplicas")
		for j := range f.documents {
			d := &f.documents[j]
			meta := d.root.get("metadata")
			if d.root.word("kind") != target.word("kind") || meta.word("name") != target.word("name") ||
				meta.word("namespace") != scaler.word("metadata", "namespace") {
				continue
			}
			d.replicas, d.from = unknown, nil
			if most != nil {
				d.replicas = counted(most)
			}
		}
	}
}
