package scan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// difference reads lines that begin with "+", "-" or " " as those of one hunk.
func difference(text string) (lines []checks.PatchLine) {
	before, after := 1, 1
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			line = " "
		}
		l := checks.PatchLine{Kind: line[0], Text: line[1:]}
		if l.Kind != '+' {
			l.Old = before
			before++
		}
		if l.Kind != '-' {
			l.New = after
			after++
		}
		lines = append(lines, l)
	}
	return lines
}

// told are spots in short: "+3 exec" is exec on the added line 3.
func told(spots []checks.Spot) (out []string) {
	for _, s := range spots {
		sign := "+"
		if s.Gone {
			sign = "-"
		}
		out = append(out, fmt.Sprintf("%s%d %s", sign, s.Line, s.What))
	}
	return out
}

func wantTold(t *testing.T, got []checks.Spot, want ...string) {
	t.Helper()
	if g := told(got); !slices.Equal(g, want) {
		t.Errorf("got %q, want %q", g, want)
	}
}

func TestAKeywordIsFoundWhereverItIsPartOfAName(t *testing.T) {
	for _, c := range []struct {
		keyword, line string
		want          bool
	}{
		{"password", "password = x", true},
		{"password", "userPassword := x", true},
		{"password", "USER_PASSWORD=x", true},
		{"password", "user-password: x", true},
		{"password", "$passwords = 1", false},
		{"password", "passwordless", false},
		{"password", "passWord", true},
		{"Password", "PASSWORD", true},
		{"password*", "passwordless", true},
		{"*word", "xpassword", true},
		{"*word", "wordy", false},
		{"p*d", "my_pxxd", true},
		{"p*d", "my_pxxdy", false},
		{"api_key", "apiKey", true},
		{"apiKey", "X-API-KEY: 1", true},
		{"api-key", "APIkey", true},
		{"key", "APIkey", true},
		{"key", "monkey", false},
		{"http", "HTTPServer", true},
		{"server", "HTTPServer", true},
		{"md5", "useMD5Sum(x)", true},
		{"md5", "md5sum", true},
		{"des", "3des", true},
		{"straße", "DIE_STRAßE", true},
		{"ключ", "мойКлюч", true},
		{"密码", "用户密码表", true},
		{"exec", "ｅｘｅｃ('x')", true},
		{"exec", "𝐞𝐱𝐞𝐜('x')", true},
		{"exec", `\u0065xec('x')`, true},
		{"exec", `e\u{78}ec('x')`, true},
		{"exec", `e\uu0078ec('x')`, true},
		{"exec", "ex\u200bec('x')", true},
		{"exec", "// exec in a comment\r", true},
		{"exec", "\texec\t", true},
		{"BEGIN PRIVATE KEY", "--- begin private key ---", true},
		{"@Override", "\t@override void", true},
		{"http://", `get("HTTP://x")`, true},
		{"exec", "exe c", false},
		{"", "anything", false},
		{"*", "anything", false},
	} {
		w := compile(checks.Patterns{Keywords: []string{c.keyword}})
		if got := len(w.look("a.py", difference("+"+c.line))) == 1; got != c.want {
			t.Errorf("%q in %q: %v", c.keyword, c.line, got)
		}
	}
}

func TestACallIsFoundHoweverItIsWritten(t *testing.T) {
	for _, c := range []struct {
		function, text string
		want           bool
	}{
		{"exec", "+exec(x)", true},
		{"exec()", "+exec(x)", true},
		{"exec", "+exec (x)", true},
		{"exec", "+exec\t(x)", true},
		{"exec", "+exec\n+(x)", true},
		{"exec", "+exec\r\n+\r\n+\t(x)", true},
		{"exec", "+exec /* why */ (x)", true},
		{"exec", "+exec /* why\n+ ( */\n+(x)", true},
		{"exec", "+exec // why\n+(x)", true},
		{"exec", "+exec \\\n+(x)", true},
		{"exec", "+exec" + strings.Repeat(" ", 2*reach) + "(x)", true},
		{"exec", "+exec" + strings.Repeat("\n+", reach) + "(x)", true},
		{"exec", "+exec<T>(x)", true},
		{"exec", "+exec<(a: T) => void, U[]>(x)", true},
		{"exec", "+exec::<T>(x)", true},
		{"exec", "+exec[T](x)", true},
		{"exec", "+exec!(x)", true},
		{"exec", "+exec![x]", true},
		{"exec", "+exec!{x}", true},
		{"exec", "+exec?.(x)", true},
		{"exec", "+exec.(x)", true},
		{"exec", "+exec.call(this, x)", true},
		{"exec", "+exec?.apply(this, x)", true},
		{"exec", "+(0,exec)(x)", true},
		{"exec", `+\u0065xec\u0028x)`, true},
		{"exec", "+os.exec(x)", true},
		{"exec", "+execute(x)", false},
		{"exec", "+myexec(x)", false},
		{"exec", "+exec = 1", false},
		{"exec", "+exec != (x)", false},
		{"exec", "+exec < 3 && x > (y)", false},
		{"exec", "+exec.other(x)", false},
		{"exec", "+exec; (x)", false},
		{"exec", "+Exec(x)", false},
		{"exec", "+exec[0] = 1", false},
		{"exec*", "+execute(x)", true},
		{"*exec*", "+my_executor(x)", true},
		{"*exec*", "+run(x)", false},
		{"os.exec", "+os.exec(x)", true},
		{"os.exec", "+exec(x)", false},
		{"os.exec", "+my.os.exec(x)", true},
		{"os.exec", "+mos.exec(x)", false},
		{"os.exec", "+os::exec(x)", true},
		{"os.exec", "+os->exec(x)", true},
		{"os.exec", "+os?.exec(x)", true},
		{"os.exec", "+os:exec(x)", true},
		{"os.exec", "+os . exec (x)", true},
		{"os.exec", "+os\n+  .exec(x)", true},
		{"os.exec", "+os. // here\n+  exec(x)", true},
		{"os.exec", "+os /* a */ . /* b */ exec(x)", true},
		{"os.exec", "+os /* a\n+ b */ . exec(x)", true},
		{"os.exec", "+os().exec(x)", true},
		{"os.exec", "+os(\"a\", b(c)).exec(x)", true},
		{"os.exec", "+os[0].exec(x)", true},
		{"os.exec", "+os\n+exec(x)", false},
		{"os.exec", "+a.b /* os */ .exec(x)", false},
		{"os::exec", "+os.exec(x)", true},
		{"Foo\\exec", "+Foo\\exec(x)", true},
		{"*.query", "+db.query(x)", true},
		{"*.query", "+query(x)", false},
		{"db.*", "+db.query(x)", true},
		{"db.*", "+other.query(x)", false},
		{"call-process", "+x = call-process(x)", true},
		{"call-process", "+call.process(x)", false},
		{"exec", "+a-exec(x)", true},
		// What stays on the other line belongs to the change all the same.
		{"exec", " exec\n+(x)", true},
		{"exec", "+exec\n (x)", true},
		{"exec", " exec(x)\n+y", false},
		{"exec", "-exec\n+(x)", false},
		{"os.exec", "+os\n .exec(x)", true},
	} {
		w := compile(checks.Patterns{Functions: []string{c.function}})
		if got := len(w.look("a.js", difference(c.text))) == 1; got != c.want {
			t.Errorf("%q in %q: %v", c.function, c.text, got)
		}
	}
}
