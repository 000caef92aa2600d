package checks

import (
	"strings"
	"testing"
)

// stepsOf takes a key of a test apart, in which a step has at most one item.
func stepsOf(key string) []KeyStep {
	var out []KeyStep
	for _, s := range strings.Split(key, ".") {
		name, item, ok := strings.Cut(s, "[")
		if ok {
			item = "[" + item
		}
		out = append(out, KeyStep{Name: strings.ReplaceAll(name, "·", "."), Item: item})
	}
	return out
}

func TestAKeyPatternMatchesTheKeysThatItMeans(t *testing.T) {
	const memory = "spec.template.spec.containers[api].resources.limits.memory"
	for _, c := range []struct {
		pattern, key string
		want         bool
	}{
		{"**.limits.memory", memory, true}, {"**.memory", memory, true}, {"**.memory", "memory", true}, {"memory", memory, false}, {"memory", "memory", true},
		{"spec.**.memory", memory, true}, {"spec.*.memory", memory, false}, {"spec.*.spec.*.*.*.memory", memory, true}, {"**.limits.cpu", memory, false},
		{"**.containers.**.memory", memory, true}, {"**.containers[api].**.memory", memory, true}, {"**.containers[web].**.memory", memory, false}, {"**.containers[a*].**.memory", memory, true},
		{"**.lim*.mem*y", memory, true}, {"**.**.memory", memory, true}, {"spec.**", memory, false}, {"**.Memory", memory, false},
		{`**.limits."nvidia·com/gpu"`, "a.limits.nvidia·com/gpu", true}, {`**."mem*"`, memory, false}, {`**."memory"`, memory, true},
		{"[0].memory", "[0].memory", true}, {"[1].memory", "[0].memory", false}, {"*.memory", "[0].memory", true}, {"**.*.memory", "memory", false},
		{"resource.aws_instance.*.size", "resource.aws_instance.web.size", true}, {"a.**.b.**.c", "a.b.b.x.c", true}, {"a.**.b.**.c", "a.x.c", false},
	} {
		pattern := strings.ReplaceAll(c.pattern, "·", ".")
		var k KeyPattern
		err := k.UnmarshalText([]byte(pattern))
		if strings.HasSuffix(pattern, "**") != (err != nil) {
			t.Errorf("%s: %v", pattern, err)
		}
		if got := KeyPattern(pattern).Matcher().Match(stepsOf(c.key)); got != c.want {
			t.Errorf("%s matches %s: %v", pattern, c.key, got)
		}
	}
	expression := []KeyStep{{Name: "limits"}, {Name: "${X}", Any: true}}
	if !KeyPattern("**.limits.memory").Matcher().Match(expression) {
		t.Error("a key that is an expression may be any")
	}
	for key, want := range map[string]bool{"a.limits": true, "a.limits.memory": false, "a": false, "limits": true, "a.limits.b": false} {
		if got := KeyPattern("**.limits.memory").Matcher().Leads(stepsOf(key)); got != want {
			t.Errorf("%s leads there: %v", key, got)
		}
	}
}

func TestAKeyPatternThatMeansNothingIsRefused(t *testing.T) {
	for _, text := range []string{"", ".", "a.", ".a", "a..b", "**", "a.**", "a[", "a[0", `"a`, `a"b`, "a]", `"a"b`, "**[0].a", strings.Repeat("a.", 40) + "b", strings.Repeat("a", 600)} {
		var k KeyPattern
		if err := k.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
		if KeyPattern(text).Matcher().Match([]KeyStep{{Name: "a"}}) {
			t.Errorf("%q matches", text)
		}
	}
}

func FuzzKeysAreMatchedByThemselves(f *testing.F) {
	f.Add("limits", "nvidia.com/gpu", "api")
	f.Add("a", "[", "\"")
	f.Fuzz(func(t *testing.T, a, b, item string) {
		way := []KeyStep{{Name: a, Item: "[" + KeyName(item) + "]"}, {Name: b}}
		if a == "**" || b == "**" || len(a)+len(b)+len(item) > 100 {
			return
		}
		var k KeyPattern
		if err := k.UnmarshalText([]byte(KeyText(way))); err != nil {
			t.Fatalf("%s: %v", KeyText(way), err)
		}
		if !k.Matcher().Match(way) {
			t.Errorf("%s does not match %+v", k, way)
		}
	})
}

func TestAQuantityThatIsNoneSaysWhatWasMeant(t *testing.T) {
	for text, want := range map[string]string{"80%": "is a share", "1GB": "for GB write G", "lots": "is no number", "-1": "less than none", "1K": "k or Ki", "": "is no number"} {
		var q Quantity
		if err := q.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
