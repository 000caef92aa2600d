package main

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// hostile is text that would do something, were it shown as it stands. Its last
// word tells that it has arrived.
const hostile = "@alice #1 acme/shop#1 https://evil.example www.evil.example mail@evil.example <img src=x onerror=alert(1)> [click](https://evil.example) " +
	"![x](https://evil.example/x.png) `code` **bold** | cell | <!-- \u202e\u2066\u200b\u00ad\U000E0041\x1b[31m &lt;b&gt; &#64;bob arrived"

// hostileName is the same as a file's name.
const hostileName = "@alice <img src=x> [click](https:evil.example) `c` **b** | www.evil.example \u202e\u200b#1 arrived"

// hostileBranch is what of it git takes as a branch's name.
const hostileBranch = "@alice-<img>-`c`-|-www.evil.example-#1-(x)-\u202earrived"

// checkTexts are the texts of the check-runs that were sent to GitHub.
type checkTexts struct {
	mu               sync.Mutex
	markdown, labels map[string]bool
}

func (s *checkTexts) watch(gh *sim.GitHub) {
	s.markdown, s.labels = map[string]bool{}, map[string]bool{}
	gh.OnExchange(func(x sim.Exchange) {
		var body any
		if x.Hook || json.Unmarshal(x.RequestBody, &body) != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.take(body)
	})
}

// take finds summaries, titles and annotations, wherever they are in a request.
func (s *checkTexts) take(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			text, _ := item.(string)
			switch {
			case text != "" && (key == "summary" || key == "text"):
				s.markdown[text] = true
			case text != "" && (key == "title" || key == "message" || key == "description"):
				s.labels[text] = true
			}
			s.take(item)
		}
	case []any:
		for _, item := range v {
			s.take(item)
		}
	}
}

var (
	anyTag   = regexp.MustCompile(`</?([a-zA-Z][a-zA-Z0-9-]*)([^>]*)>`)
	codeText = regexp.MustCompile(`(?s)<code>.*?</code>|<pre>.*?</pre>`)
	comment  = regexp.MustCompile(`(?s)<!--.*?-->`)
	mention  = regexp.MustCompile(`(^|[^A-Za-z0-9_])@[A-Za-z0-9]`)
	issueRef = regexp.MustCompile(`#[0-9]`)
)

// tags are what handrail's own Markdown is made of.
var tags = []string{"p", "table", "thead", "tbody", "tr", "th", "td", "code", "strong", "em", "ul", "ol", "li", "br", "hr", "details", "summary", "h2", "h3", "h4", "blockquote"}

// live is what would do something in a page: a tag that handrail does not use, a
// link, a mention, a reference, a hidden character.
func live(page string) (found []string) {
	for _, m := range anyTag.FindAllStringSubmatch(comment.ReplaceAllString(page, ""), -1) {
		if !slices.Contains(tags, m[1]) || strings.ContainsAny(m[2], "=") && !strings.HasPrefix(m[2], ` align="`) {
			found = append(found, m[0])
		}
	}
	// GitHub looks for mentions and references in the text between tags, of which a
	// comment is one.
	for _, text := range anyTag.Split(comment.ReplaceAllString(codeText.ReplaceAllString(page, "<br>"), "<br>"), -1) {
		text = html.UnescapeString(text)
		found = append(found, mention.FindAllString(text, -1)...)
		found = append(found, issueRef.FindAllString(text, -1)...)
	}
	return append(found, hiddenCharacters(page)...)
}

func hiddenCharacters(text string) (found []string) {
	for _, r := range text {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) {
			found = append(found, fmt.Sprintf("U+%04X", r))
		}
	}
	return found
}

// asGitHubRenders is GitHub's own Markdown library, with its extensions and
// without taking any HTML out.
func asGitHubRenders(t *testing.T, markdown string) string {
	t.Helper()
	cmd := exec.Command("cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist")
	cmd.Stdin = strings.NewReader(markdown)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cmark-gfm (Debian package cmark-gfm): %v", err)
	}
	return string(out)
}

func TestWhatPeopleWriteComesOutHarmlessInCheckRuns(t *testing.T) {
	w := newLeakWorld(t)
	var s checkTexts
	s.watch(w.gh)
	pulls := w.hostilePulls()
	w.rest()
	for _, p := range pulls {
		p.Comment("sam", "security +1 "+hostile)
		p.SetBody("alice", "## Why\n\nSHOP-1 "+hostile)
	}
	w.rest()
	arrived := 0
	for text := range s.markdown {
		page := asGitHubRenders(t, text)
		if found := live(page); len(found) > 0 {
			t.Errorf("%q is alive in\n%s\n%s", found, text, page)
		}
		arrived += strings.Count(page, "arrived")
	}
	for text := range s.labels {
		if found := hiddenCharacters(text); len(found) > 0 {
			t.Errorf("%q is in %q", found, text)
		}
	}
	if arrived < len(pulls) {
		t.Errorf("hostile text arrived %d times only: this test proves little", arrived)
	}
	for _, p := range pulls {
		w.pageIsHarmless(p)
	}
	if found := live(asGitHubRenders(t, hostile)); len(found) < 9 {
		t.Errorf("of text that is alive only %q is found", found)
	}
}

// hostilePulls are pull requests with hostile text wherever there can be some.
func (w *leakWorld) hostilePulls() (pulls []*sim.Pull) {
	open := func(branch, message string, files map[string]string) *sim.Pull {
		w.push(branch, message, files)
		p, err := w.repo.OpenPull(sim.NewPull{By: "alice", Title: hostile, Body: hostile, Head: branch})
		w.must(err)
		pulls = append(pulls, p)
		return p
	}
	watched := "auth/" + hostileName
	p := open(hostileBranch, hostile, map[string]string{
		watched + ".go":       "package auth\n\n// nosemgrep: " + hostile + "\nfunc f() { exec.Command(\"" + hostile + "\") }\n",
		"img/" + hostileName:  "a\x00b",
		"conf/" + hostileName: "TOKEN=" + w.Secret(hostileName) + "\n",
		"dependencies/" + hostileName + "/package-lock.json": "{}\n",
	})
	w.repo.SetStatus("bob", p.Head(), hostile, "failure", hostile)
	p.Comment("bob", "/approve "+hostile)
	p.Comment("bob", "+1 "+hostile)
	p.Comment("bob", "security review required")
	p.RequestChanges("sam", hostile)
	report := sarifWith(hostile, hostile, hostile, watched)
	w.ci(p, map[string]map[string][]byte{
		"x.sarif":  {hostileName + ".sarif": report},
		"coverage": {"coverage.out": []byte("mode: set\n" + hostileName + ".go:1.1,2.2 1 0\n"), hostileName + ".info": []byte("SF:" + hostile + "\nDA:1,1\nend_of_record\n")},
	})
	q := open("broken", hostile, map[string]string{checks.PolicyPath: leakPolicy + "  \"" + strings.Map(printable, hostile) + "\": 1\n"})
	w.ci(q, map[string]map[string][]byte{
		"x.sarif":  {hostileName + ".sarif": []byte(`{"version": ` + fmt.Sprintf("%q", "9 "+hostile) + `, "runs": []}`)},
		"coverage": {hostileName: []byte("mode: set\n" + hostile + "\n")},
	})
	return pulls
}

// printable leaves out what no YAML file may hold.
func printable(r rune) rune {
	if unicode.In(r, unicode.Cc, unicode.Cf) || r == '"' {
		return -1
	}
	return r
}

// pageIsHarmless looks at the stand-in's page of a pull request, which shows the
// check-runs' texts as HTML. What people wrote below them is their own.
func (w *leakWorld) pageIsHarmless(p *sim.Pull) {
	w.t.Helper()
	resp, err := http.Get(w.gh.URL() + p.Path())
	w.must(err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	w.must(err)
	_, runs, _ := strings.Cut(string(page), "<h2>Checks</h2>")
	runs, _, found := strings.Cut(runs, "<h2>Conversation</h2>")
	if !found || !strings.Contains(runs, "arrived") {
		w.t.Errorf("%s does not show what was written", p)
	}
	for _, bad := range []string{"<img", "<script", "<a href"} {
		if strings.Contains(runs, bad) {
			w.t.Errorf("%s has %s", p, bad)
		}
	}
}
