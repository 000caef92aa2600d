package leak_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/sim"
)

func deflated(text string) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.BestSpeed)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.Bytes()
}

func gzipped(text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.Bytes()
}

func quoted(text string) string {
	out, _ := json.Marshal(map[string]string{"text": "say " + text + "\nand \"" + text + "\""})
	return string(out)
}

// packings are all ways in which handrail packs what it lets out.
var packings = map[string]func(secret string) []byte{
	"as it is":          func(s string) []byte { return []byte("a line\nTOKEN=" + s + "\n") },
	"JSON":              func(s string) []byte { return []byte(quoted(s)) },
	"JSON in JSON":      func(s string) []byte { return []byte(quoted(quoted(s))) },
	"DEFLATE":           func(s string) []byte { return deflated(quoted(s)) },
	"version, DEFLATE":  func(s string) []byte { return append([]byte{2}, deflated("\x01\x05"+s+"\x00\x07")...) },
	"version, DEFLATEs": func(s string) []byte { return slices.Concat([]byte{2}, deflated("\x01"), deflated("\x01"+s+"\x00")) },
	"gzip":              func(s string) []byte { return gzipped(s) },
	"base64":            func(s string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte(s))) },
	"query":             func(s string) []byte { return []byte("GET /x?q=%22" + s + "%22") },
}

func TestASecretIsFoundHoweverItIsPacked(t *testing.T) {
	for name, pack := range packings {
		t.Run(name, func(t *testing.T) {
			g := leak.New()
			secrets := []string{g.Secret("place"), g.Secret("place"), g.Secret("place")}
			for _, s := range secrets {
				one := leak.NewSinks()
				one.Add(leak.Stored, pack(s))
				if len(one.Find(map[string]string{s: "place"})) != 1 || len(one.Scan(leak.Engine())) == 0 {
					t.Errorf("%s is found %v and %v", s, one.Find(map[string]string{s: "place"}), one.Scan(leak.Engine()))
				}
			}
			g.Add(leak.Logged, pack("nothing"))
			if found := g.Found(); len(found) > 0 {
				t.Errorf("found what is not there: %v", found)
			}
		})
	}
}

func TestAPartOfASecretIsFound(t *testing.T) {
	g := leak.New()
	key := g.Make("private-key", "file")
	middle := strings.Split(key, "\n")[5]
	g.Add(leak.Printed, []byte("… "+middle[20:40]+" …"))
	found := g.Found()
	if len(found) != 1 || found[0].What != "file" || found[0].Way != leak.Printed {
		t.Errorf("found %+v", found)
	}
}

func TestASecretInANameIsAFindButInTheDatabase(t *testing.T) {
	g := leak.New()
	name, other := g.Make("github-pat", "name"), g.Make("github-pat", "line")
	g.Named(name)
	g.Add(leak.Stored, []byte(quoted(name+".js")))
	if found := g.Found(); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	g.Add(leak.Stored, []byte(quoted(name+".js: "+other)))
	g.Add(leak.Sent, []byte(quoted(name+".js")))
	ways := map[string]bool{}
	for _, f := range g.Found() {
		ways[f.What+" "+f.Way] = true
	}
	for _, want := range []string{"name sent", "line stored", "github-pat sent", "github-pat stored"} {
		if !ways[want] {
			t.Errorf("%q is not among %v", want, ways)
		}
	}
	if ways["name stored"] {
		t.Error("a name that is stored is a find")
	}
}

// The engine must know what is planted, or it would look at nothing.
func TestTheEngineKnowsEverySecretThatIsMade(t *testing.T) {
	g := leak.New()
	for range 40 {
		s := g.Secret("place")
		one := leak.NewSinks()
		one.Add(leak.Sent, []byte(s))
		if len(one.Scan(leak.Engine())) == 0 {
			t.Errorf("%s is none", s)
		}
	}
}

func TestWhatIsSentToGitHubIsLookedAtAndItsTokensAreSecrets(t *testing.T) {
	gh := sim.New(sim.Options{})
	url, stop, err := gh.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	g := leak.New()
	defer g.Follow(gh)()
	const token = "ghs_1_0123456789abcdef0123456789abcdef"
	ask := func(path, body string) {
		req, err := http.NewRequestWithContext(t.Context(), "POST", url+"/api/v3"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "token "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	ask("/rate_limit", "{}")
	if found := g.Found(); len(found) > 0 {
		t.Fatalf("a token in its place is found: %v", found)
	}
	for i, f := range []func(){
		func() { ask("/x?a="+token, "{}") },
		func() { ask("/x/"+g.Secret("path"), "{}") },
		func() { ask("/x", quoted(g.Secret("body"))) },
		func() { g.Writer(leak.Logged).Write([]byte("asked with " + token)) },
	} {
		before := len(g.Found())
		if f(); len(g.Found()) <= before {
			t.Errorf("%d is not found", i)
		}
	}
}
