package values_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/values"
)

// A file is anybody's: however it is made, reading it ends, in little memory.
func TestNoFileTakesAllMemoryOrBreaksTheReader(t *testing.T) {
	many := func(unit string) string { return strings.Repeat(unit, 400_000/len(unit)) }
	some := func(unit string) string { return strings.Repeat(unit, 190_000/len(unit)) } // not more tokens of HCL than are read
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 {memory: 1}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d {x: *a%d, y: *a%d}\n", i, i, i-1, i-1)
	}
	var merges strings.Builder
	merges.WriteString("a0: &a0 {memory: 1}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&merges, "a%d: &a%d {<<: [*a%d, *a%d]}\n", i, i, i-1, i-1)
	}
	long := strings.Repeat("x:", 100_000)
	for name, text := range map[string]string{
		"repeated.yaml": "a: &a '" + long + "'\nb: [" + many("*a, ") + "]\n", "tagged.yaml": "a: &a !x '" + long + "'\nb: [" + many("*a, ") + "]\n",
		"named.yaml": "a: &a '" + long + "'\nb: [" + many("{*a : 1}, ") + "]\n", "joined.yaml": "a: &a '" + long + "'\nAWSTemplateFormatVersion: 1\nb: [" + many("{Ref: *a}, ") + "]\n",
		"kustomization.yaml": "a: &a '" + long + "'\npatches: [" + many("{patch: *a}, ") + "]\n", "merged.yaml": some("<<: {}\n") + "a:\n  memory: 1\n",
		"bomb.yaml": bomb.String(), "merges.yaml": merges.String(),
		"deep.yaml": many("["), "deeper.yaml": many("- "), "braces.yaml": many("{a: "), "items.yaml": many("- memory: 9\n"), "anchors.yaml": many("- &a x\n"),
		"documents.yaml": many("---\nmemory: 3\n"), "spaces.yaml": many(" \n"), "digits.yaml": "memory: " + many("9"), "exponent.yaml": "memory: 1e" + many("9"),
		"template.yaml": "a: [\n" + many("{{ x }}"), "open.yaml": "a: [\n" + many("{{"), "actions.yaml": "- {{ x }}\n" + many("- {{ x }}y\n"),
		"tabs.yaml": many("\t"), "colons.yaml": many(":"), "quotes.yaml": many("\""), "tags.yaml": many("!a "), "comments.yaml": many("#\n"), "keys.yaml": many("? a\n"),
		"deep.json": many("["), "objects.json": many(`{"a":`), "number.json": `{"memory": ` + many("9") + "}", "huge.json": `{"memory": 1e999999999}`, "list.json": "[" + many("1,"),
		"pointer.json": `{"op":"x","value":{"memory":1},"path":"` + many("/a") + `"}`,
		"deep.tf":      "a = " + some("["), "parens.tf": "a = " + some("("), "not.tf": "a = " + some("!"), "minus.tf": "a = " + some("-"), "tests.tf": "a = " + some("b?c:"),
		"splat.tf": "a = b" + some("[*].c"), "index.tf": "a = b" + some("[0]"), "sum.tf": "a = 1" + some("+1"), "and.tf": "a = 1" + some("&&b"), "dots.tf": "a = b" + some(".c"),
		"templates.tf": "a = " + some(`"${`), "heredocs.tf": some("a = <<E\n"), "number.tf": "a = " + some("9"), "huge.tf": "memory = 1e999999999", "blocks.tf": some("a {\n"),
		"lines.tf": some("memory = 1\n"), "calls.tf": "a = " + some("f("), "objects.tf": "a = " + some("{b="), "fors.tf": "a = " + some("[for x in y: "), "strings.tf": some("\""),
		"larger.tf": strings.Repeat("a = 1\n", 100_000), "largest.yaml": strings.Repeat("- memory: 9\n", 170_000), "larger.yaml": strings.Repeat("- memory: 9\n", 180_000),
		"control.tf": "a = \"" + some("%{if x}"), "controlled.tf": "a = \"" + some("%{if x}y%{endif}") + "\"", "filled.tf": "a = \"" + some("${x}") + "\"", "mixed.tf": "a = \"" + some("x${x}") + "\"",
		"heredoc.tf": "a = <<E\n" + some("x\n") + "E\n", "indented.tf": "a = <<-E\n" + some("  x\n") + "E\n", "escapes.tf": "a = \"" + some("\\n") + "\"", "nothing.tf": some("\x00"), "text.tf": some("a\n"),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		found := values.Read(name, []byte(text), []string{"**.memory", "**.a.**.memory"})
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > allocated {
			t.Errorf("%s takes %d MiB", name, taken>>20)
		}
		if found.Fault == "" && len(found.Values) > 1000 || found.Fault != "" && found.Values != nil {
			t.Errorf("%s has %d values: %s", name, len(found.Values), found.Fault)
		}
	}
}

// Two expressions are the same only if all of them is, however long they are.
func TestNoExpressionHidesItsEnd(t *testing.T) {
	for name, form := range map[string]string{
		"a.yaml": "memory: !If\n%s- %s\n", "b.yaml": "AWSTemplateFormatVersion: 1\nmemory:\n  Fn::Join:\n%s  - %s\n", "c.yaml": "memory: ${%s%s}\n", "d.tf": "memory = max(1, %s%s)\n",
	} {
		pad := map[string]string{
			"a.yaml": strings.Repeat("- "+strings.Repeat("x", 500)+"\n", 20), "b.yaml": strings.Repeat("  - "+strings.Repeat("x", 500)+"\n", 20),
		}[name]
		if pad == "" {
			pad = strings.Repeat("1 + ", 500)
		}
		one, other := values.Read(name, fmt.Appendf(nil, form, pad, "512"), []string{"**.memory"}), values.Read(name, fmt.Appendf(nil, form, pad, "99999"), []string{"**.memory"})
		if len(one.Values) == 0 || len(other.Values) == 0 || one.Values[0].Text == other.Values[0].Text {
			t.Errorf("%s: %.200v and %.200v look alike", name, one, other)
		}
	}
}

// What was a number may be none, but must never be taken for a small one.
func FuzzReading(f *testing.F) {
	for name, text := range map[string]string{
		"a.yaml": "a: &a {limits: {memory: 1Gi}}\nb: {<<: *a}\n", "values.yaml": "replicaCount: 2\nlimits: {memory: 1Gi}\n",
		"t.yaml": "kind: x\n  {{- if x }}\nlimits: {memory: {{ .x }}}\n", "compose.yaml": "services: {a: {image: x, deploy: {resources: {limits: {memory: 1gb}}}}}",
		"c.json": `{"Resources": {"a": {"Type": "A::B", "limits": {"memory": {"Ref": "x"}}}}}`,
		"m.tf":   "resource \"a\" \"b\" {\n  count = 2\n  limits = {memory = jsonencode([{memory=\"1Gi\"}])}\n}\n", "k.tf": "dynamic \"x\" {\n content {\n limits = {memory = <<E\n{}\nE\n }\n}\n}\n",
		"kustomization.yaml": "patches: [{target: {kind: a, name: b}, patch: \"[{op: add, path: /limits/memory, value: 3}]\"}]",
	} {
		f.Add(name, text)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		found := values.Read(name, []byte(text), []string{"**.limits.memory", "*.x[a]", "**"})
		again := values.Read(name, []byte(text), []string{"**.limits.memory", "*.x[a]", "**"})
		if fmt.Sprint(found) != fmt.Sprint(again) {
			t.Fatalf("read twice, it is %v and %v", found, again)
		}
		for _, v := range found.Values {
			if len(v.Text) > 100 || len(v.Key) > 300 || len(v.Document) > 200 || v.Line < 0 || v.Unresolved && v.Amount != "" {
				t.Fatalf("%+v", v)
			}
		}
	})
}

// The amount is exact, as everybody reads it.
func TestAmountsAreExact(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"1Gi", "1073741824"}, {"1G", "1000000000"}, {"512m", "0.512"}, {"1.5Ti", "1649267441664"}, {"1e3", "1000"}, {"1E3", "1000"}, {"1E", "1000000000000000000"},
		{"3n", "0.000000003"}, {"1u", "0.000001"}, {"2Ei", "2305843009213693952"}, {"0.1", "0.1"}, {".5", "0.5"}, {"5.", "5"}, {"-1", "-1"}, {"+2k", "2000"}, {"1P", "1000000000000000"},
		{"1e-3", "0.001"}, {"9007199254740993", "9007199254740993"},
		{"1K", ""}, {"1gi", ""}, {"1GB", ""}, {"", ""}, {"1e", ""}, {"1e61", ""}, {"Gi", ""}, {".", ""}, {"1 Gi", ""}, {"0x1", ""}, {"1_0", ""}, {"Inf", ""}, {"NaN", ""}, {"1.2.3", ""}, {"١", ""},
	} {
		amount, ok := checks.ParseQuantity(c.text)
		got := ""
		if ok {
			got = checks.Decimal(amount)
		}
		if got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
	}
}

func BenchmarkReading(b *testing.B) {
	one := "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api%d, namespace: shop}\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n" +
		"        - name: api\n          image: ghcr.io/acme/api:1.4.2\n          resources:\n            requests: {cpu: 250m, memory: 256Mi}\n            limits: {cpu: 500m, memory: 512Mi}\n"
	var yaml, tf strings.Builder
	for i := range 200 {
		fmt.Fprintf(&yaml, one, i)
		fmt.Fprintf(&tf, "resource \"aws_instance\" \"web%d\" {\n  count = 3\n  instance_type = \"t3.large\"\n  root_block_device {\n    volume_size = 500\n  }\n  tags = merge(local.tags, { Name = \"web\" })\n}\n", i)
	}
	for name, text := range map[string]string{"deploy.yaml": yaml.String(), "main.tf": tf.String()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if f := values.Read(name, []byte(text), []string{"**.limits.memory", "**.volume_size"}); f.Fault != "" || len(f.Values) != 200 {
					b.Fatal(f.Fault, len(f.Values))
				}
			}
		})
	}
}
