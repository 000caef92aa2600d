package coverage

import "testing"

func TestFileIsEmptyOnlyWhereNothingCouldRun(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"a.go", "package a\n\ntype T struct{ N int }\n\nconst C = 1\n\nvar V = T{N: C}\n\ntype I interface{ F() }\n", true},
		{"a.go", "package a\n\nfunc F() {}\n\nfunc asm(x int) int\n", true},
		{"a.go", "package a\n\nfunc F() { println() }\n", false},
		{"a.go", "package a\n\nvar f = func() int { return 1 }\n", false},
		{"a.go", "package a\n\nvar f = func() {}\n", true},
		{"a.go", "package a\n\nvar v = map[string]func(){\"a\": func() { println() }}\n", false},
		{"a.go", "package a\n\nfunc F() { func() {}() }\n", false},
		{"a.go", "not go", false},
		{"a.go", "// only a comment", false},
		{"types.d.ts", "export declare function f(): void;", true},
		{"types.d.mts", "export {}", true},
		{"d.ts", "f()", false},
		{"any", "", true},
		{"any.py", "\uFEFF \r\n\t", true},
		{"any", "# x", false},
		{"a.py", "#!/usr/bin/env python\n\n# x\n", true},
		{"a.py", `"""Only a docstring."""`, false},
		{"a.py", "# x\rprint(1)", false},
		{"a.ts", "/* licence */\n// x\n", true},
		{"a.ts", "/* licence */ f()", false},
		{"a.ts", "// x\u2028f()", false},
		{"a.js", "/* open", false},
		{"a.rs", "/* a /* b */ fn main() {} */", false},
		{"a.rs", "/*/ x */", true},
		{"A.java", `// \u000a class A {}`, false},
		{"a.c", "/**/ // x", true},
		{"a.c", "#include <stdio.h>", false},
		{"a.sql", "-- x", false},
		{"__init__.py", "", true},
	} {
		if got := Empty("dir/"+c.name, []byte(c.text)); got != c.want {
			t.Errorf("%s %q: %v", c.name, c.text, got)
		}
	}
}
