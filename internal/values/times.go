package values

import (
	"math/big"

	"github.com/handrail-bot/handrail/checks"
)

// counted is a number of replicas as [checks.Value] has it.
func counted(n *node) string {
	if v, ok := amount(plainYAML, n); ok && v.Sign() >= 0 {
		return checks.Decimal(v)
	}
	return unknown
}

// times is how many there are of a value in a document, "" when nothing says so.
// above are the mappings that it stands in, the outermost first.
func (d *document) times(f format, above []*node, value *node) string {
	if d.from == value && value != nil {
		return "" // it is that number itself
	}
	out := d.replicas
	for _, n := range above {
		out = multiplied(out, n.times)
	}
	if d.object {
		return out
	}
	switch f {
	case compose:
		out = multiplied(out, ofService(above, value))
	case cloudFormation:
		out = multiplied(out, nearest(above, value, "DesiredCount", "DesiredCapacity"))
	case terraform:
		out = multiplied(out, nearest(above, value, "replicas", "desired_count", "desired_capacity"))
		out = multiplied(out, repeated(above, value))
	default:
		out = multiplied(out, beside(above, value))
	}
	return out
}

// nearest is the number at one of some keys in the innermost mapping that has it.
func nearest(above []*node, value *node, keys ...string) string {
	for i := len(above) - 1; i >= 0; i-- {
		for _, key := range keys {
			if n := above[i].get(key); n == value && n != nil {
				return ""
			} else if n != nil && n.kind != mapping && n.kind != list {
				return counted(n)
			}
		}
	}
	return ""
}

// beside is what the values of a chart say of replicas: those of an autoscaler that
// is switched on go before (Helm's own starter chart has them so).
func beside(above []*node, value *node) string {
	for i := len(above) - 1; i >= 0; i-- {
		scaling := above[i].get("autoscaling")
		switch on := scaling.word("enabled"); {
		case on == "" || on == "false":
		case scaling.get("maxReplicas") == value:
			return ""
		case on != "true" || scaling.get("maxReplicas") == nil:
			return unknown
		default:
			return counted(scaling.get("maxReplicas"))
		}
		if n := nearest(above[i:i+1], value, "replicaCount", "replicas"); n != "" {
			return n
		}
	}
	return ""
}

// ofService is what a Compose service says (Compose specification, "deploy" and
// "scale"): a global one runs once on each machine.
func ofService(above []*node, value *node) string {
	for i := len(above) - 1; i >= 0; i-- {
		deploy, scale := above[i].get("deploy"), above[i].get("scale")
		switch {
		case deploy.word("mode") == "global":
			return unknown
		case deploy.get("replicas") != nil:
			return nearest([]*node{deploy}, value, "replicas")
		case scale != nil:
			return nearest(above[i:i+1], value, "scale")
		}
	}
	return ""
}

// repeated is how often Terraform makes a block (Terraform documentation, "count"
// and "for_each").
func repeated(above []*node, value *node) string {
	for i := len(above) - 1; i >= 0; i-- {
		if above[i].get("for_each") != nil {
			return unknown
		}
		if above[i].get("count") != nil {
			return nearest(above[i:i+1], value, "count")
		}
	}
	return ""
}

// multiplied is two numbers of replicas times each other, one of which may not be
// there or not be known.
func multiplied(a, b string) string {
	switch {
	case a == "" || b == unknown:
		return b
	case b == "" || a == unknown:
		return a
	}
	x, _ := new(big.Rat).SetString(a)
	y, _ := new(big.Rat).SetString(b)
	if x == nil || y == nil {
		return unknown
	}
	return checks.Decimal(x.Mul(x, y))
}
