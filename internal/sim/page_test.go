package sim_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// browse opens a page, or sends its form when there is one.
func browse(t *testing.T, address, origin string, form url.Values) (int, string) {
	t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", origin)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestPageRunsWhatAPullRequestSays(t *testing.T) {
	c, _, pull := shop(t)
	pull.SetTitle("alice", `<script>alert(1)</script>`)
	pull.Comment("mallory", "<img src=x onerror=alert(2)> [x](javascript:alert(3)) `<b>`")
	pull.AddLabel("mallory", `"><svg onload=alert(4)>`)
	c.must(201, "POST", "/repos/acme/shop/check-runs", map[string]any{"name": "Merge Requirements", "head_sha": pull.Head(), "status": "in_progress",
		"output": map[string]any{"title": "Waiting", "summary": "| Requirement | State |\n|---|---|\n| **Review** | waits for `bob` \\| carl |\n\n<script>alert(5)</script>\n\n<iframe src=//x>\n",
			"annotations": []any{
				map[string]any{"path": "<script>.go", "start_line": 3, "end_line": 5, "annotation_level": "warning", "message": "<img src=x onerror=alert(6)>"},
				map[string]any{"path": "b.go", "start_line": 7, "end_line": 7, "annotation_level": "notice", "message": "one line"},
			}}})
	status, text := browse(t, c.url+pull.Path(), "", nil)
	if status != 200 {
		t.Fatalf("status %d", status)
	}
	for _, bad := range []string{"<script", "<img", "<svg", "<iframe", `href="javascript`} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	for _, want := range []string{"<th>Requirement</th>", "<td><strong>Review</strong></td>", "<code>bob</code> | carl", "in_progress", "&lt;script&gt;alert(5)",
		"<code>&lt;script&gt;.go:3-5</code> <small>warning</small> &lt;img", "<code>b.go:7</code>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if _, list := browse(t, c.url+"/", "", nil); !strings.Contains(list, pull.Path()) {
		t.Error("the list lacks the pull request")
	}
}

func TestAnotherSiteActsOnThePage(t *testing.T) {
	c, repo, pull := shop(t)
	at := c.url + pull.Path()
	if status, _ := browse(t, at, "https://evil.example", url.Values{"as": {"bob"}, "do": {"approve"}}); status != 403 {
		t.Errorf("another origin gets status %d", status)
	}
	if status, text := browse(t, at, c.url, url.Values{"as": {"nobody-known"}, "do": {"approve"}}); status != 200 || !strings.Contains(text, "choose who acts") {
		t.Errorf("an unknown person gets status %d", status)
	}
	for _, do := range []string{"comment", "approve", "changes", "label", "unlabel", "push", "close", "reopen"} {
		if status, text := browse(t, at, c.url, url.Values{"as": {"bob"}, "do": {do}, "text": {"hello"}}); status != 200 || strings.Contains(text, `class="said"`) {
			t.Errorf("%s: status %d", do, status)
		}
	}
	if text, err := repo.Read("feature", "notes.txt"); err != nil || text != "hello\n" {
		t.Errorf("pushed %q, %v", text, err)
	}
	if _, text := browse(t, at, c.url, url.Values{"as": {"bob"}, "do": {"merge"}}); pull.State() != "merged" || !strings.Contains(text, "merged") {
		t.Errorf("after Merge it is %s", pull.State())
	}
}
