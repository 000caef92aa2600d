package hub

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func textEntry(mode int, object m) m { return m{"mode": mode, "oid": helloBlob, "object": object} }

func blobObject(text any, size int, cut, binary bool) m {
	return m{"__typename": "Blob", "text": text, "isTruncated": cut, "isBinary": binary, "byteSize": size}
}

// A text that is there and cannot be read must not look like one that is not
// there: nothing may rest on it.
func TestAFileOfTheBaseBranchIsThereWholeOrSaidNotToBe(t *testing.T) {
	gone := []any{m{"type": "NOT_FOUND", "path": []any{"repository", "base", "f0"}, "message": "no such file"}}
	for name, c := range map[string]struct {
		file  m
		fails []any
		raw   any
		want  checks.Text
	}{
		"a text":               {textEntry(0o100644, blobObject("* text\n", 7, false, false)), nil, nil, checks.Text{Text: "* text\n"}},
		"empty":                {textEntry(0o100755, blobObject("", 0, false, false)), nil, nil, checks.Text{}},
		"none":                 {nil, nil, nil, checks.Text{Absent: true}},
		"none, with an error":  {nil, gone, nil, checks.Text{Absent: true}},
		"binary":               {textEntry(0o100644, blobObject(nil, 7, false, true)), nil, nil, checks.Text{Cut: true}},
		"too large":            {textEntry(0o100644, blobObject("x", baseTextLimit+1, true, false)), nil, nil, checks.Text{Cut: true}},
		"a link":               {textEntry(modeLink, blobObject("../x", 4, false, false)), nil, nil, checks.Text{Cut: true}},
		"a directory":          {textEntry(0o040000, m{"__typename": "Tree"}), nil, nil, checks.Text{Cut: true}},
		"a submodule":          {textEntry(0o160000, nil), nil, nil, checks.Text{Cut: true}},
		"cut, then whole":      {textEntry(0o100644, blobObject("* t", 7, true, false)), nil, []byte("* text\n"), checks.Text{Text: "* text\n"}},
		"cut, then cut":        {textEntry(0o100644, blobObject("* t", 7, true, false)), nil, []byte("* t"), checks.Text{Cut: true}},
		"of another encoding":  {textEntry(0o100644, blobObject(nil, 3, false, false)), nil, []byte("a\xffb"), checks.Text{Cut: true}},
		"GitHub says nothing":  {textEntry(0o100644, nil), nil, nil, checks.Text{Cut: true}},
		"as large as is read":  {textEntry(0o100644, blobObject(strings.Repeat("x", baseTextLimit), baseTextLimit, false, false)), nil, nil, checks.Text{Text: strings.Repeat("x", baseTextLimit)}},
		"cut, then not there":  {textEntry(0o100644, blobObject("* t", 7, true, false)), nil, reply{status: 404, body: m{"message": "Not Found"}}, checks.Text{Cut: true}},
		"a mode without a kin": {textEntry(0, blobObject("x", 1, false, false)), nil, nil, checks.Text{Text: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			f.query = func(op string, vars m) any {
				if op != "Texts" || vars["oid"] != baseSHA || vars["p0"] != "docs/.gitattributes" {
					t.Errorf("asked %s of %v", op, vars)
				}
				file := any(c.file)
				if c.file == nil {
					file = nil
				}
				return m{"data": m{"repository": m{"base": m{"f0": file}}}, "errors": c.fails}
			}
			f.rest["/repos/acme/shop/git/blobs/"+helloBlob] = func(*http.Request) any { return c.raw }
			pull := aPull()
			pull.Texts = map[string]checks.Text{"kept": {Text: "x"}}
			shared := pull.Texts
			if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Texts: []string{"docs/.gitattributes"}}); err != nil {
				t.Fatal(err)
			}
			want := map[string]checks.Text{"kept": {Text: "x"}, "docs/.gitattributes": c.want}
			if d := cmp.Diff(want, pull.Texts); d != "" || len(shared) != 1 {
				t.Error(d, shared)
			}
		})
	}
}

func TestAnAnswerThatLacksAFileOrItsCommitIsNone(t *testing.T) {
	for name, answer := range map[string]any{
		"no repository":     m{"data": m{"repository": nil}},
		"no commit":         m{"data": m{"repository": m{"base": nil}}},
		"a file left out":   m{"data": m{"repository": m{"base": m{"f0": nil}}}},
		"a file failed":     m{"data": m{"repository": m{"base": m{"f0": nil, "f1": nil}}}, "errors": []any{m{"path": []any{"repository", "base", "f1"}, "message": "Something went wrong"}}},
		"the commit failed": m{"data": m{"repository": m{"base": nil}}, "errors": []any{m{"type": "NOT_FOUND", "path": []any{"repository", "base"}, "message": "none"}}},
	} {
		f := newForge(t, Config{})
		f.query = func(string, m) any { return answer }
		pull := aPull()
		if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Texts: []string{"a", "b"}}); err == nil || len(pull.Texts) != 0 {
			t.Errorf("%s: %v, texts %v", name, err, pull.Texts)
		}
	}
}

func TestManyFilesAreAskedForAHundredAtATimeAndNoneOfABranchThatIsGone(t *testing.T) {
	f := newForge(t, Config{})
	f.query = func(_ string, vars m) any {
		files := m{}
		for i := range len(vars) - 3 {
			files[fmt.Sprintf("f%d", i)] = textEntry(0o100644, blobObject(vars[fmt.Sprintf("p%d", i)], 1, false, false))
		}
		return m{"data": m{"repository": m{"base": files}}}
	}
	var paths []string
	for i := range 201 {
		paths = append(paths, fmt.Sprint("d", i, "/.gitattributes"))
	}
	pull := aPull()
	if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Texts: paths}); err != nil || f.asked() != "Texts Texts Texts" {
		t.Fatalf("asked %q, %v", f.asked(), err)
	}
	for _, p := range paths {
		if pull.Texts[p].Text != p {
			t.Errorf("%s is %+v", p, pull.Texts[p])
		}
	}
	gone := aPull()
	gone.Base.SHA = ""
	if err := f.hub.Complete(t.Context(), subject, &gone, checks.Wants{Texts: paths[:1]}); err != nil || f.asked() != "Texts Texts Texts" || !gone.Texts[paths[0]].Cut {
		t.Errorf("asked %q, %v, %v", f.asked(), err, gone.Texts)
	}
}

// A pull request is judged again at every comment: the base branch's files need not
// be fetched each time, but those that could not be read are.
func TestAFileAtACommitIsFetchedOnceAndItsFailureIsNotKept(t *testing.T) {
	f := newForge(t, Config{})
	f.query = func(_ string, vars m) any {
		files := m{}
		for i := range len(vars) - 3 {
			switch vars[fmt.Sprintf("p%d", i)] {
			case "cut":
				files[fmt.Sprintf("f%d", i)] = textEntry(0o100644, nil)
			case "none":
				files[fmt.Sprintf("f%d", i)] = nil
			default:
				files[fmt.Sprintf("f%d", i)] = textEntry(0o100644, blobObject(fmt.Sprint("at ", vars["oid"]), 1, false, false))
			}
		}
		return m{"data": m{"repository": m{"base": files}}}
	}
	read := func(repo int64, commit string, paths ...string) map[string]checks.Text {
		pull, s := aPull(), subject
		pull.Base.SHA, s.RepoID = commit, repo
		if err := f.hub.Complete(t.Context(), s, &pull, checks.Wants{Texts: paths}); err != nil {
			t.Fatal(err)
		}
		return pull.Texts
	}
	want := map[string]checks.Text{"a": {Text: "at " + baseSHA}, "none": {Absent: true}, "cut": {Cut: true}}
	for range 2 {
		if d := cmp.Diff(want, read(1, baseSHA, "a", "none", "cut")); d != "" {
			t.Error(d)
		}
	}
	read(1, baseSHA, "a", "none")
	if f.asked() != "Texts Texts" {
		t.Errorf("asked %q", f.asked())
	}
	if got := read(1, oldSHA, "a")["a"].Text; got != "at "+oldSHA || f.asked() != "Texts Texts Texts" {
		t.Errorf("at another commit it is %q, asked %q", got, f.asked())
	}
	if read(2, baseSHA, "a"); f.asked() != "Texts Texts Texts Texts" {
		t.Errorf("in another repository, asked %q", f.asked())
	}
}

func TestTheShelfKeepsWhatIsUsedAndNoMoreThanItHasRoomFor(t *testing.T) {
	var k shelf
	used := shelfKey{1, baseSHA, "used"}
	k.put(used, checks.Text{Text: "x"})
	large := checks.Text{Text: strings.Repeat("x", shelfBytes/8)}
	for i := range 100 {
		k.put(shelfKey{1, baseSHA, fmt.Sprint(i)}, large)
		if _, ok := k.take(used); !ok {
			t.Fatalf("what is used was forgotten after %d others", i)
		}
		if n := len(k.fresh) + len(k.aged); n > 18 {
			t.Fatalf("%d files of an eighth are kept", n)
		}
	}
	if _, ok := k.take(shelfKey{1, baseSHA, "0"}); ok {
		t.Error("nothing was ever forgotten")
	}
}
