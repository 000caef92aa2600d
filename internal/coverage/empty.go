package coverage

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
)

// Empty says whether nothing in a file could run, so that no report will speak
// of it. Where that is not certain it is false.
func Empty(name string, content []byte) bool {
	text := strings.TrimPrefix(string(content), "\uFEFF")
	if strings.TrimSpace(text) == "" {
		return true
	}
	switch ext := path.Ext(name); {
	case ext == ".go":
		return emptyGo(text)
	case strings.HasSuffix(name, ".d.ts"), strings.HasSuffix(name, ".d.mts"), strings.HasSuffix(name, ".d.cts"):
		return true
	default:
		return commentaryOf(ext).only(text)
	}
}

// emptyGo says whether go tool cover would put no counter into a file: it counts
// the statements in the bodies of functions, those of function literals too,
// wherever they stand.
func emptyGo(text string) bool {
	file, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	empty := true
	ast.Inspect(file, func(n ast.Node) bool {
		switch f := n.(type) {
		case *ast.FuncDecl:
			empty = empty && (f.Body == nil || len(f.Body.List) == 0)
		case *ast.FuncLit:
			empty = empty && len(f.Body.List) == 0
		}
		return empty
	})
	return empty
}

// commentary is how a language writes comments; the zero value has none.
type commentary struct{ line, open, close string }

// commentaryOf knows the languages in which a file of comments does nothing.
func commentaryOf(ext string) commentary {
	switch ext {
	case ".c", ".cc", ".cpp", ".cs", ".cxx", ".h", ".hpp", ".java", ".js", ".jsx", ".kt", ".mjs", ".rs", ".scala", ".swift", ".ts", ".tsx":
		return commentary{"//", "/*", "*/"}
	case ".pl", ".pm", ".py", ".rb", ".sh":
		return commentary{line: "#"}
	}
	return commentary{}
}

// hidden are what ends a comment's line in some of the languages though it does
// not look so: rare separators, and Java's escapes, which are read first.
var hidden = []string{"\u2028", "\u2029", "\u0085", "\v", "\f", `\u`}

// only says whether a text is comments and blanks. A comment that is not closed,
// or one within another, is not looked at further.
func (c commentary) only(text string) bool {
	if slices.ContainsFunc(hidden, func(h string) bool { return strings.Contains(text, h) }) {
		return false
	}
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		switch {
		case text == "":
			return true
		case c.line != "" && strings.HasPrefix(text, c.line):
			text = strings.TrimLeftFunc(text, func(r rune) bool { return r != '\n' && r != '\r' })
		case c.open != "" && strings.HasPrefix(text, c.open):
			inner, rest, closed := strings.Cut(text[len(c.open):], c.close)
			if !closed || strings.Contains(inner, c.open) {
				return false
			}
			text = rest
		default:
			return false
		}
	}
}
