package scan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// scanner is one for all tests: it keeps nothing.
var scanner = New([]byte("a key of the tests"))

// changed is a modified file with hunks, each of which is lines that begin with
// "+", "-" or " ". There are 100 lines between two hunks.
func changed(path string, hunks ...string) checks.PatchFile {
	f := checks.PatchFile{File: checks.File{Path: path, Status: "modified"}}
	before, after := 1, 1
	for _, h := range hunks {
		lines := strings.Split(h, "\n")
		counts := map[byte]int{}
		for _, l := range lines {
			counts[l[0]]++
		}
		f.Text += fmt.Sprintf("@@ -%d,%d +%d,%d @@\n%s\n", before, counts[' ']+counts['-'], after, counts[' ']+counts['+'], h)
		before, after = before+counts[' ']+counts['-']+100, after+counts[' ']+counts['+']+100
		f.Additions, f.Deletions = f.Additions+counts['+'], f.Deletions+counts['-']
	}
	f.Text = strings.TrimSuffix(f.Text, "\n")
	return f
}

func scanned(t testing.TB, files ...checks.PatchFile) checks.PatchScan {
	t.Helper()
	out, err := scanner.Patch(t.Context(), checks.Patch{Files: files}, checks.Patterns{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// told says of secrets by which rule they are and where.
func toldSecrets(secrets []checks.Secret) string {
	var out []string
	for _, s := range secrets {
		weak := ""
		if s.Weak {
			weak = "?"
		}
		out = append(out, fmt.Sprintf("%s%s %s:%d", s.Rule, weak, s.Path, s.Line))
	}
	return strings.Join(out, ", ")
}

func wantSecrets(t *testing.T, got []checks.Secret, want string) {
	t.Helper()
	if told := toldSecrets(got); told != want {
		t.Errorf("found %q, not %q", told, want)
	}
}

// providers have secrets of a shape of their own, or one that is known by the
// name it is given to.
var providers = []string{
	"1password-secret-key", "adafruit-api-key", "age-secret-key", "airtable-personnal-access-token", "algolia-api-key",
	"alibaba-access-key-id", "anthropic-api-key", "artifactory-api-key", "atlassian-api-token", "aws-access-token",
	"azure-ad-client-secret", "cloudflare-origin-ca-key", "databricks-api-token", "datadog-access-token", "digitalocean-pat",
	"doppler-api-token", "dropbox-long-lived-api-token", "dynatrace-api-token", "facebook-page-access-token", "flyio-access-token",
	"gcp-api-key", "github-pat", "github-fine-grained-pat", "gitlab-pat", "grafana-service-account-token", "hashicorp-tf-api-token",
	"heroku-api-key-v2", "huggingface-access-token", "linear-api-key", "mailgun-private-api-token", "new-relic-user-api-key",
	"notion-api-token", "npm-access-token", "openai-api-key", "planetscale-oauth-token", "postman-api-token", "pulumi-api-token",
	"pypi-upload-token", "rubygems-api-token", "sendgrid-api-token", "shopify-access-token", "slack-bot-token", "slack-webhook-url",
	"square-access-token", "stripe-access-token", "telegram-bot-api-token", "twilio-api-key", "vault-service-token",
}

// line is a match of a rule on one line, and the secret in it.
func line(t testing.TB, id string) (text, secret string) {
	t.Helper()
	r := ruleNamed(t, id)
	for seed := int64(1); ; seed++ {
		text = strings.TrimRight(newSampler(seed).of(r), " \t\r\n")
		hits, err := scanner.engine.find(t.Context(), "", text+"\n")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "\n") && len(hits) == 1 && hits[0].rule.id == id && !hits[0].weak && !hits[0].coded {
			return text, hits[0].secret
		}
	}
}

func TestSecretsOfManyProvidersAreFoundInAddedLinesCommitsAndTexts(t *testing.T) {
	for _, id := range providers {
		text, secret := line(t, id)
		f := changed("src/a.go", " package a\n+// new\n+"+text+"\n }")
		wantSecrets(t, scanned(t, f).Secrets, id+" src/a.go:3")
		commit, err := scanner.Secrets(t.Context(), checks.Patch{Commit: "c0ffee", Files: []checks.PatchFile{f}})
		if err != nil || len(commit.Secrets) != 1 || commit.Secrets[0].Commit != "c0ffee" || commit.SHA != "c0ffee" {
			t.Errorf("%s: %v in a commit, %v", id, commit, err)
		}
		clean, found := scanner.Scrub("Here it is:\n\n" + text + "\nthanks")
		if len(found) != 1 || found[0].Line != 3 || found[0].Rule != id || strings.Contains(clean, secret) {
			t.Errorf("%s: %v found in a description", id, toldSecrets(found))
		}
		if !strings.Contains(clean, "[redacted: "+id+"]") || !strings.HasPrefix(clean, "Here it is:") || !strings.HasSuffix(clean, "thanks") {
			t.Errorf("%s: the description became %q", id, clean)
		}
	}
}

// privateKey is a private key that is none, over many lines.
func privateKey() []string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	s := newSampler(7)
	lines := []string{"-----BEGIN RSA " + "PRIVATE KEY-----"}
	for range 25 {
		var b strings.Builder
		for range 64 {
			b.WriteByte(letters[s.Intn(64)])
		}
		lines = append(lines, b.String())
	}
	return append(lines, "-----END RSA "+"PRIVATE KEY-----")
}

func TestAPrivateKeyOverManyLinesIsFound(t *testing.T) {
	key := privateKey()
	wantSecrets(t, scanned(t, changed("id", "+x\n+"+strings.Join(key, "\n+")+"\n+y")).Secrets, "private-key id:2")
	wantSecrets(t, scanned(t, changed("id", "+\""+strings.Join(key, `\n`)+"\"")).Secrets, "private-key id:1")
	wantSecrets(t, scanned(t, changed("id", "+"+strings.Join(key, "\r\n+")+"\r")).Secrets, "private-key id:1")
	clean, found := scanner.Scrub("a\n" + strings.Join(key, "\n") + "\nb")
	if clean != "a\n[redacted: private-key]\nb" || len(found) != 1 || found[0].Line != 2 {
		t.Errorf("%v in %q", found, clean)
	}
}

func TestASecretSplitOverHunksIsFound(t *testing.T) {
	key := privateKey()
	half := len(key) / 2
	f := changed("id", "+"+strings.Join(key[:half], "\n+")+"\n ", " \n+"+strings.Join(key[half:], "\n+"))
	wantSecrets(t, scanned(t, f).Secrets, "private-key id:1")
	begin := changed("id", " "+strings.Join(key[:half], "\n "), "+"+strings.Join(key[half:], "\n+"))
	wantSecrets(t, scanned(t, begin).Secrets, fmt.Sprintf("private-key id:%d", half+101))
}

func TestWhatIsRemovedMovedOrOnlyBesideAChangeIsNotNew(t *testing.T) {
	text, _ := line(t, "github-pat")
	key := strings.Join(privateKey(), "\n ")
	for name, f := range map[string]checks.PatchFile{
		"removed":            changed("a", " x\n-"+text+"\n y"),
		"beside":             changed("a", " x\n "+text+"\n+y"),
		"between":            changed("a", "+x\n "+text+"\n+y\n-z"),
		"moved":              changed("a", "-"+text+"\n x", " y\n+"+text),
		"indented":           changed("a", "-"+text+"\n+\t"+text),
		"beside a key":       changed("a", "+x\n "+key+"\n+y"),
		"around a key":       changed("a", "-"+strings.ReplaceAll(key, "\n ", "\n-")+"\n+if x {\n+"+strings.ReplaceAll(key, "\n ", "\n+")),
		"whole, moved":       {File: checks.File{Path: "a", Status: "modified"}, Old: []byte("a\n" + text + "\nb"), New: []byte("b\nc\n" + text), Fetched: true},
		"the file is gone":   {File: checks.File{Path: "a", Status: "removed", Deletions: 1}, Text: "@@ -1 +0,0 @@\n-" + text},
		"renamed, untouched": {File: checks.File{Path: "b", Previous: "a", Status: "renamed"}},
	} {
		if got := scanned(t, f); len(got.Secrets) != 0 || len(got.Incomplete) != 0 {
			t.Errorf("%s: found %s, incomplete %q", name, toldSecrets(got.Secrets), got.Incomplete)
		}
	}
}

func TestAnotherSecretInPlaceOfOneIsNew(t *testing.T) {
	before, after := token(t, "github-pat", 1), token(t, "github-pat", 2)
	wantSecrets(t, scanned(t, changed("a", "-"+before+"\n+"+after)).Secrets, "github-pat a:1")
	wantSecrets(t, scanned(t, changed("a", "-"+before+"\n+"+before+" "+after)).Secrets, "github-pat a:1")
}

// What others leave out by a file's name, a comment or a setting is looked at.
func TestNoWayRoundWorks(t *testing.T) {
	text, _ := line(t, "aws-access-token")
	for _, path := range []string{
		"vendor/github.com/x/y.go", "vendor/modules.txt", "node_modules/x/index.js", "go.sum", "go.mod", "package-lock.json", "yarn.lock",
		"logo.svg", "a.png", "a.pdf", "gitleaks.toml", ".gitleaks.toml", "jquery.min.js", "env/lib/x.py", "gradlew", "a.gem",
		"node_modules/@octokit/auth-token/README.md", "testdata/x_test.go", "poetry.lock", "x-1.0.dist-info/METADATA", "bower_components/a",
	} {
		wantSecrets(t, scanned(t, changed(path, "+"+text)).Secrets, "aws-access-token "+path+":1")
	}
	for _, comment := range []string{
		"// gitleaks:allow", "# betterleaks:allow", "// nosemgrep", "# nosec", "# pragma: allowlist secret", "// trufflehog:ignore",
		"// ggignore", "<!-- NOSONAR -->", "abcdefghijklmnopqrstuvwxyz", "EXAMPLE", "--mount=type=secret,",
	} {
		wantSecrets(t, scanned(t, changed("a", "+"+text+" "+comment)).Secrets, "aws-access-token a:1")
		wantSecrets(t, scanned(t, changed("a", "+"+comment+"\n+"+text)).Secrets, "aws-access-token a:2")
	}
	settings := changed(".gitleaks.toml", "+[allowlist]\n+paths = ['.*']\n+regexes = ['.*']")
	ignore := changed(".gitleaksignore", "+a:aws-access-token:1")
	wantSecrets(t, scanned(t, settings, ignore, changed("a", "+"+text)).Secrets, "aws-access-token a:1")
}

func TestWhatIsWrittenInAPrivateKeyDoesNotWeakenIt(t *testing.T) {
	key := privateKey()
	for _, comment := range []string{"abcdefghijklmnopqrstuvwxyz", "014df517-39d1-4453-b7b3-9930c563627c", "false", "EXAMPLE"} {
		told := slices.Insert(slices.Clone(key), 1, "Comment: "+comment, "")
		wantSecrets(t, scanned(t, changed("id", "+"+strings.Join(told, "\n+"))).Secrets, "private-key id:1")
	}
	body := strings.Join(key[1:len(key)-1], "")
	for _, size := range []int{5, 10, 16, 64, len(body)} {
		var b strings.Builder
		for part := range slices.Chunk([]byte(body), size) {
			b.WriteString("+\t\"" + string(part) + "\\n\" +\n")
		}
		f := changed("id", "+"+key[0]+"\n"+b.String()+"+"+key[len(key)-1])
		wantSecrets(t, scanned(t, f).Secrets, "private-key id:1")
	}
	wantSecrets(t, scanned(t, changed("id", "+"+strings.Join(key, " "))).Secrets, "private-key id:1")
}

func TestAnExampleThatItsProviderPublishesIsNoSecret(t *testing.T) {
	text, _ := line(t, "aws-access-token")
	example := text[:len(text)-7] + "EXAMPLE"
	wantSecrets(t, scanned(t, changed("a", "+"+example)).Secrets, "")
	wantSecrets(t, scanned(t, changed("a", "+ghp_"+strings.Repeat("x", 36))).Secrets, "")
}

func TestWhatMayBeSomethingElseOnlyAsksForAReview(t *testing.T) {
	generic := token(t, "generic-api-key", 3)
	wantSecrets(t, scanned(t, changed("a", `+password = "`+generic+`"`)).Secrets, "generic-api-key? a:1")
	wantSecrets(t, scanned(t, changed("a", "+ghp_"+"abcdefgh"+token(t, "github-pat", 4)[12:])).Secrets, "github-pat? a:1")
	wantSecrets(t, scanned(t, changed("a", "+sk_live_"+token(t, "github-pat", 4)[4:]+"abcdefghijklmnopqrstuvwxyz")).Secrets, "stripe-access-token? a:1")
	wantSecrets(t, scanned(t, changed("a", "+dropbox = "+strings.Repeat("somewor", 2)+"s")).Secrets, "dropbox-api-token? a:1")
	dots := strings.Repeat("...\n+", 30)
	wantSecrets(t, scanned(t, changed("a", "+-----BEGIN "+"PRIVATE KEY-----\n+"+dots+"-----END "+"PRIVATE KEY-----")).Secrets, "private-key? a:1")
}

func TestASecretInCodeIsFound(t *testing.T) {
	text, _ := line(t, "stripe-access-token")
	wantSecrets(t, scanned(t, changed("a", "+x: "+encode(text)+"\n+y")).Secrets, "stripe-access-token a:1")
	wantSecrets(t, scanned(t, changed("a", "+?q="+strings.ReplaceAll(text, "_", "%5F"))).Secrets, "stripe-access-token a:1")
	two := encode("A=" + token(t, "github-pat", 1) + "\nB=" + token(t, "github-pat", 2) + "\n")
	if got := scanned(t, changed("a", "+"+two)).Secrets; len(got) != 2 {
		t.Errorf("found %s of two", toldSecrets(got))
	}
}

func TestTheSameSecretHasTheSameDigestAndNoOtherServerCanMakeIt(t *testing.T) {
	text, _ := line(t, "npm-access-token")
	got := scanned(t, changed("a", "+"+text+"\n+"+text+" "+text), changed("b", "+"+text), changed("c", "+"+encode(text))).Secrets
	wantSecrets(t, got, "npm-access-token a:1, npm-access-token a:2, npm-access-token b:1, npm-access-token c:1")
	for _, s := range got {
		if s.Digest != got[0].Digest || len(s.Digest) != 64 {
			t.Errorf("%s in %s", s.Digest, s.Path)
		}
	}
	_, other := New([]byte("another key")).Scrub(text)
	if len(other) != 1 || other[0].Digest == got[0].Digest {
		t.Error("another key makes the same digest")
	}
}

func TestWholeFilesAreReadWhereThereIsNoPatch(t *testing.T) {
	text, _ := line(t, "github-pat")
	whole := func(content string) checks.PatchFile {
		return checks.PatchFile{File: checks.File{Path: "a", Status: "added"}, New: []byte(content), Fetched: true}
	}
	wantSecrets(t, scanned(t, whole("x\n"+text)).Secrets, "github-pat a:2")
	wantSecrets(t, scanned(t, whole("\x00\n"+text)).Secrets, "github-pat a:2")
	var little, big strings.Builder
	little.WriteString("\xff\xfe")
	big.WriteString("\xfe\xff")
	for _, c := range []byte("x\n" + text) {
		little.Write([]byte{c, 0})
		big.Write([]byte{0, c})
	}
	wantSecrets(t, scanned(t, whole(little.String())).Secrets, "github-pat a:2")
	wantSecrets(t, scanned(t, whole(big.String())).Secrets, "github-pat a:2")
}

func TestAFilesNameCanTellOrBeASecret(t *testing.T) {
	store := checks.PatchFile{File: checks.File{Path: "certs/server.p12", Status: "added"}, New: []byte("\x00"), Fetched: true}
	wantSecrets(t, scanned(t, store).Secrets, "pkcs12-file? certs/server.p12:0")
	secret := token(t, "github-pat", 5)
	named := checks.PatchFile{File: checks.File{Path: "x/" + secret + ".txt", Status: "added", Additions: 3}}
	got := scanned(t, named)
	wantSecrets(t, got.Secrets, "github-pat x/[redacted: github-pat].txt:0")
	if want := []string{"GitHub shows no lines of x/[redacted: github-pat].txt"}; !slices.Equal(got.Incomplete, want) {
		t.Errorf("incomplete: %q", got.Incomplete)
	}
	named.Status, named.Previous = "renamed", "y/"+secret
	wantSecrets(t, scanned(t, named).Secrets, "")
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	cut := changed("cut.go", "+a\n+b")
	cut.Additions = 3
	empty := checks.PatchFile{File: checks.File{Path: "empty", Status: "added", SHA: emptyBlob}}
	got, err := scanner.Patch(t.Context(), checks.Patch{Cut: true, Files: []checks.PatchFile{
		cut, empty,
		{File: checks.File{Path: "dist/app.js", Status: "modified", Additions: 9000}},
		{File: checks.File{Path: "a.bin", Status: "modified"}},
		{File: checks.File{Path: "big", Status: "added"}, Unread: "it is larger than 1 MB"},
	}}, checks.Patterns{})
	want := []string{
		"GitHub lists no more than 5 of the files", "GitHub shows only a part of the lines of cut.go", "GitHub shows no lines of dist/app.js",
		"GitHub shows no lines of a.bin", "no lines of big are known: it is larger than 1 MB",
	}
	if err != nil || !slices.Equal(got.Incomplete, want) {
		t.Errorf("incomplete: %q, %v", got.Incomplete, err)
	}
}

func TestListsAreCutWithTheStrongFirst(t *testing.T) {
	weak := strings.Repeat("+password = \""+token(t, "generic-api-key", 3)+"\"\n", 250)
	strong, _ := line(t, "github-pat")
	f := changed("a", weak+"+"+strong)
	got := scanned(t, f)
	if len(got.Secrets) != 200 || got.More != 51 || got.Secrets[0].Rule != "github-pat" || got.Files != 1 || got.Lines != 251 {
		t.Errorf("%d secrets, %d more, %d files, %d lines", len(got.Secrets), got.More, got.Files, got.Lines)
	}
	commit, err := scanner.Secrets(t.Context(), checks.Patch{Files: []checks.PatchFile{f}})
	if err != nil || len(commit.Secrets) != 200 || len(commit.Incomplete) != 1 {
		t.Errorf("%d secrets of a commit, %q, %v", len(commit.Secrets), commit.Incomplete, err)
	}
}

// ending is a context that ends after it was looked at so many times.
type ending struct {
	context.Context
	left, looked int
}

func (e *ending) Err() error {
	if e.looked++; e.looked > e.left {
		return context.DeadlineExceeded
	}
	return nil
}

// Whenever a scan is stopped, what it says is that it was.
func TestACancelledScanIsNoCleanOne(t *testing.T) {
	text, _ := line(t, "github-pat")
	body := strings.Repeat("+"+text+" "+encode(text)+"\n", 80) + "+" + strings.Join(privateKey(), "\n+")
	p := checks.Patch{Files: []checks.PatchFile{changed("a", "+clean"), changed("b", body)}}
	whole := &ending{Context: t.Context(), left: 1 << 30}
	if _, err := scanner.Patch(whole, p, checks.Patterns{}); err != nil || whole.looked < 10 {
		t.Fatalf("%v, looked %d times", err, whole.looked)
	}
	for left := range whole.looked {
		ctx := &ending{Context: t.Context(), left: left}
		if out, err := scanner.Patch(ctx, p, checks.Patterns{}); !errors.Is(err, context.DeadlineExceeded) || out.Files != 0 {
			t.Errorf("after %d looks: %d secrets, %v", left, len(out.Secrets), err)
		}
		ctx = &ending{Context: t.Context(), left: left}
		if out, err := scanner.Secrets(ctx, p); !errors.Is(err, context.DeadlineExceeded) || len(out.Secrets) != 0 {
			t.Errorf("after %d looks: %d secrets of a commit, %v", left, len(out.Secrets), err)
		}
	}
}

// Texts are read in pieces; a secret may begin in one and end in the next.
func TestWherePiecesEndNothingIsLost(t *testing.T) {
	text, _ := line(t, "github-pat")
	key := strings.Join(privateKey(), "\n+")
	for _, before := range []int{pieceSize - 60, pieceSize - 20, pieceSize - 1, pieceSize, 3*pieceSize - 30} {
		wantSecrets(t, scanned(t, changed("a", "+"+strings.Repeat(" ", before)+text)).Secrets, "github-pat a:1")
		wantSecrets(t, scanned(t, changed("a", "+"+strings.Repeat(" ", before)+"\n+"+key)).Secrets, "private-key a:2")
	}
	// Regions of one rule that are one region of more than a piece.
	head := strings.Repeat(privateKey()[0]+strings.Repeat(" ", 5000)+"\n+", 70)
	got := scanned(t, changed("a", "+"+head+key)).Secrets
	if len(got) == 0 || got[len(got)-1].Rule != "private-key" {
		t.Errorf("found %q", toldSecrets(got))
	}
}

func TestTheEngineIsTheSameForAllKeysAndChangesWithItsRules(t *testing.T) {
	if a, b := scanner.Engine(), New(nil).Engine(); a != b || len(a) != 12 {
		t.Errorf("engines %q and %q", a, b)
	}
	if versionOf(published()[1:]) == scanner.Engine() {
		t.Error("with one rule less the engine is the same")
	}
}

func TestTitlesAreWords(t *testing.T) {
	for id, want := range map[string]string{
		"aws-access-token": "AWS access token", "github-pat": "GitHub personal access token", "private-key": "Private key",
		"generic-api-key": "Generic API key", "jwt": "JWT", "1password-secret-key": "1password secret key",
	} {
		if got := ruleNamed(t, id).title; got != want {
			t.Errorf("%s is called %q, not %q", id, got, want)
		}
	}
}

// Five megabytes of empty lines would take two gigabytes, were each told apart; what
// is behind them is found nevertheless.
func TestASecretBehindTooManyLinesIsFoundAndSaidNotToBeAllThatWasLookedFor(t *testing.T) {
	text, _ := line(t, providers[0])
	f := checks.PatchFile{File: checks.File{Path: "a", Status: "modified"}, Fetched: true}
	f.Old = []byte(strings.Repeat("\n", 2*lineLimit) + "x")
	f.New = []byte("y" + strings.Repeat("\n", 2*lineLimit) + text + "\n")
	got, err := scanner.Patch(t.Context(), checks.Patch{Files: []checks.PatchFile{f}}, checks.Patterns{})
	if err != nil || len(got.Secrets) == 0 || len(got.Incomplete) != 1 || got.Lines > lineLimit {
		t.Errorf("%d secrets, incomplete %q, %d lines, %v", len(got.Secrets), got.Incomplete, got.Lines, err)
	}
}
