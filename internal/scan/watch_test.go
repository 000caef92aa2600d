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
		{"$", "a $b", true},
		{"$", "a b", false},
		{"__*", "a b", false},
		{"__*", "a __init__", true},
		{"*", "anything", false},
	} {
		w := compile(checks.Patterns{Keywords: []string{c.keyword}})
		if got := len(w.look("a.py", "", difference("+"+c.line))) == 1; got != c.want {
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
		if got := len(w.look("a.js", "", difference(c.text))) == 1; got != c.want {
			t.Errorf("%q in %q: %v", c.function, c.text, got)
		}
	}
}

func TestAClassIsFoundWhereverItIsNamed(t *testing.T) {
	for _, c := range []struct {
		class, file, line string
		want              bool
	}{
		{"Cipher", "a.java", "Cipher c = Cipher.getInstance(x);", true},
		{"Cipher", "a.java", "class My extends Cipher {", true},
		{"Cipher", "a.java", "MyCipher c;", false},
		{"Cipher", "a.java", "cipher = 1", false},
		{"*Cipher", "a.java", "MyCipher c;", true},
		{"X509*", "a.java", "X509Certificate c;", true},
		{"tls.Config", "a.go", "c := &tls.Config{}", true},
		{"tls.Config", "a.go", "c := &Config{}", false},
		{"javax.crypto.*", "a.java", "import javax.crypto.Mac;", true},
		{"PDO", "a.php", "new pdo($dsn)", true},
		{"exec", "a.PHP", "EXEC ($x)", true},
		{"Exec", "a.go", "exec", false},
	} {
		w := compile(checks.Patterns{Classes: []string{c.class}})
		if got := len(w.look(c.file, "", difference("+"+c.line))) == 1; got != c.want {
			t.Errorf("%q in %s %q: %v", c.class, c.file, c.line, got)
		}
	}
}

func TestWatchedLinesAreToldByTheirSideAndNumber(t *testing.T) {
	w := compile(checks.Patterns{
		Keywords: []string{"password"}, Functions: []string{"os.Exec", "exec"}, Classes: []string{"Cipher"}, Exclude: []checks.Glob{"**/testdata/**"},
	})
	const text = " password\n-exec(Cipher)\n-password\n+password, password\n+os.Exec(password)\n+exec\n ()\n+x"
	got := w.look("a/b.go", "", difference(text))
	wantTold(t, got, "+2 password", "+3 os.Exec", "+3 password", "+4 exec", "-2 exec", "-2 Cipher", "-3 password")
	want := []checks.Spot{
		{Path: "a/b.go", Line: 2, Kind: kindKeyword, What: "password"}, {Path: "a/b.go", Line: 3, Kind: kindFunction, What: "os.Exec"},
		{Path: "a/b.go", Line: 3, Kind: kindKeyword, What: "password"}, {Path: "a/b.go", Line: 4, Kind: kindFunction, What: "exec"},
		{Path: "a/b.go", Line: 2, Gone: true, Kind: kindFunction, What: "exec"}, {Path: "a/b.go", Line: 2, Gone: true, Kind: kindClass, What: "Cipher"},
		{Path: "a/b.go", Line: 3, Gone: true, Kind: kindKeyword, What: "password"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := w.look("a/testdata/b.go", "", difference(text)); got != nil {
		t.Errorf("looked into what is excluded: %v", got)
	}
	if got := w.look("a/testdata/b.go", "testdata/a.go", difference(text)); got != nil {
		t.Errorf("looked into what was and is excluded: %v", got)
	}
	for _, moved := range [][2]string{{"a/testdata/b.go", "a/b.go"}, {"a/b.go", "a/testdata/b.go"}} {
		if got := w.look(moved[0], moved[1], difference(text)); len(got) != len(want) {
			t.Errorf("in %s, which was %s, there is told %v", moved[0], moved[1], got)
		}
	}
	if got := compile(checks.Patterns{}).look("a/b.go", "", difference(text)); got != nil {
		t.Errorf("found %v without a pattern", got)
	}
}

func TestACallDoesNotReachOverLinesThatAreNotShown(t *testing.T) {
	w := compile(checks.Patterns{Functions: []string{"exec", "os.run"}})
	lines := []checks.PatchLine{
		{Kind: '+', New: 1, Text: "exec"}, {Kind: '+', New: 7, Text: "(x)"},
		{Kind: '+', New: 8, Text: "os"}, {Kind: '+', New: 17, Text: ".run()"},
	}
	if got := w.look("a.go", "", lines); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestNoMoreSpotsAreToldThanAreKept(t *testing.T) {
	w := compile(checks.Patterns{Keywords: []string{"password"}})
	if got := w.look("a.go", "", difference(strings.Repeat("+password\n", 1000)+"+x")); len(got) != spotLimit {
		t.Errorf("%d spots", len(got))
	}
	lines := difference(strings.Repeat("+\u202e // nosemgrep\n", 1000) + "+x")
	if got := hiddenIn("a.go", lines); len(got) != spotLimit {
		t.Errorf("%d hidden spots", len(got))
	}
	if got := silencedIn("a.go", lines); len(got) != spotLimit {
		t.Errorf("%d silenced spots", len(got))
	}
}

func TestAPatternIsToldWithoutWhatHides(t *testing.T) {
	w := compile(checks.Patterns{Keywords: []string{"pass\u202eword"}})
	wantTold(t, w.look("a.go", "", difference("+password")), "+1 password")
}

func TestAFunctionThatIsWatchedAloneIsNotSomebodysMethod(t *testing.T) {
	w := compile(checks.Patterns{Functions: []string{"^eval", "^system", "^os.run"}})
	for _, c := range []struct {
		file, line string
		want       bool
	}{
		{"a.js", "eval(x)", true},
		{"a.js", "  return eval(x)", true},
		{"a.js", "(0, eval)(x)", true},
		{"a.js", "[...eval(x)]", true},
		{"a.js", "a = {key: eval(x)}", true},
		{"a.js", "case 1:eval(x)", true},
		{"a.js", "a. eval(x)", true}, // nobody writes it so
		{"a.py", "model.eval()", false},
		{"a.py", "self.models[0].eval()", false},
		{"a.py", "load(x).eval()", false},
		{"a.py", "platform.system()", false},
		{"a.rb", "a&.eval(x)", false},
		{"a.ts", "a?.eval(x)", false},
		{"a.ts", "a!.eval(x)", false},
		{"a.cc", "p->eval(x)", false},
		{"a.cc", "ns::eval(x)", false},
		{"a.cc", "::system(x)", true},
		{"a.php", "echo 'a'.system($x);", true},
		{"a.php", "echo $a.system($x);", true},
		{"a.php", "echo $a.EVAL($x);", true},
		{"a.php", "$a->system($x);", false},
		{"a.pl", "print $a.system($x)", true},
		{"a.py", "os.run(x)", true},
		{"a.js", "medieval(x)", false},
		{"a.js", "eval", false},
	} {
		if got := len(w.look(c.file, "", difference("+"+c.line))) == 1; got != c.want {
			t.Errorf("%s: %q: found %t", c.file, c.line, got)
		}
	}
	if spots := w.look("a.js", "", difference("+eval(x)")); len(spots) != 1 || spots[0].What != "eval" {
		t.Errorf("%+v", spots)
	}
}

func TestTheDefaultsWatchWhatRunsTextAndNotWhatIsCalledAlike(t *testing.T) {
	w := compile(checks.NewSecurity().Need().Scans[0].Patterns)
	for line, want := range map[string]bool{
		"eval(x)": true, "window.eval(x)": true, "os.system(x)": true, "std::system(x)": true, "Kernel.system(x)": true, "os.popen(x)": true,
		"execSync(x)": true, "subprocess.run(x)": true, "os.spawnv(x)": true, "exec.Command(x)": true, "new ProcessBuilder(x)": true,
		"model.eval()": false, "platform.system()": false, "re.exec(x)": false, "tokio::spawn(x)": false, "task.spawn(x)": false,
	} {
		if got := len(w.look("a.x", "", difference("+"+line))) > 0; got != want {
			t.Errorf("%q: watched %t", line, got)
		}
	}
}

// Were each part of a long row of joined names read with all that follows it, this
// line would take hours.
func TestALineOfJoinedNamesIsReadOnce(t *testing.T) {
	w := compile(checks.Patterns{Keywords: []string{"api-key", "last"}, Functions: []string{"run-it"}})
	line := "+" + strings.Repeat("a-", 1<<19) + "api-key-last; b-last; run-it()"
	wantTold(t, w.look("a.lisp", "", difference(line)), "+1 api-key", "+1 last", "+1 run-it")
}
