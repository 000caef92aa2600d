package handlers_test

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

func TestAFileThatWasAtTheHeadWhenItsCommitWasScannedIsScannedOnceItIsGone(t *testing.T) {
	r := secured(t, sim.Options{})
	r.push("alice", "topic", map[string]string{"a.js": "a\n"})
	sha := r.push("alice", "topic", map[string]string{"key.bin": "\x00\nk = '" + token() + "'\n"})
	p := r.open("topic")
	r.settle()
	r.secures(p, unmet, "key.bin")
	if _, err := r.repo.Push(sim.Push{By: "alice", Branch: "topic", Message: "no key", Delete: []string{"key.bin"}}); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.secures(p, unmet, "key.bin", sha[:7], "still in the history")
	files := r.asked("/commits/", func() {
		p.Comment("carol", "nice")
		r.settle()
	})
	if files != 0 {
		t.Errorf("another look asks for %d commits", files)
	}
}

func TestADifferenceFromAnotherForkPointIsNotTakenForTheSame(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(strings.Replace(securityPolicy, "files: [", "functions: [eval], files: [", 1))
	fork := r.push("bob", "main", map[string]string{"src/a.js": "one\nnothing()\n"})
	main := r.push("bob", "main", map[string]string{"src/a.js": "one\neval(user)\n"})
	push := func(parent string) {
		t.Helper()
		_, err := r.repo.Push(sim.Push{By: "alice", Branch: "topic", Message: "change", Parents: []string{parent}, Files: map[string]string{"src/a.js": "one\nmore()\n"}})
		if err != nil {
			t.Fatal(err)
		}
	}
	push(fork)
	p := r.open("topic")
	r.settle()
	r.secures(p, met)
	push(main)
	r.settle()
	r.secures(p, waiting, "loses what calls “eval”")
}

func TestASecretInTheNameOfAFileOrOfAnAuthorIsNotPosted(t *testing.T) {
	r := secured(t, sim.Options{})
	file, author := token(), token()
	r.guard.Named(file)
	_, err := r.repo.Push(sim.Push{By: "alice", Branch: "topic", Author: "Al " + author + " <a@example.com>", Files: map[string]string{"auth/" + file + ".js": "\u202e\n"}})
	if err != nil {
		t.Fatal(err)
	}
	p := r.open("topic")
	r.settle()
	r.secures(p, unmet, "message of commit", "auth/", "redacted: github-pat")
	said := strings.ReplaceAll(r.shown(p), "\\", "")
	for name, secret := range map[string]string{"file": file, "author": author} {
		if said := strings.ReplaceAll(said, "Path:auth/"+file, ""); strings.Contains(said, secret) {
			t.Errorf("the secret in the name of the %s is shown", name)
		}
	}
	if where := r.holds(author); len(where) > 0 {
		t.Errorf("the author's is in %v", where)
	}
	r.replays(p)
	writes := r.gh.Requests()
	p.Comment("carol", "nice")
	r.settle()
	for _, q := range r.gh.Requests()[len(writes):] {
		if q.Write {
			t.Errorf("what is the same is posted again: %+v", q)
		}
	}
}
