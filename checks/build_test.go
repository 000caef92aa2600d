package checks

import (
	"strconv"
	"strings"
	"time"
)

// scene builds the pull request of a test, step by step. It starts as number 7
// of acme/shop, opened by ann with one commit "c1" and one file "src/a.go", and
// head "c1"; everyone who appears may write unless told otherwise.
//
//	pull := newScene().team("acme/qa", "carol").approved("bob").said("carol", "QA +1").Pull
type scene struct {
	Pull
	nextID int64
	clock  time.Time
}

func newScene() *scene {
	s := &scene{Pull: openPull(), nextID: 100, clock: noon.Add(-10 * time.Hour)}
	s.Pull.CreatedAt = s.clock
	s.Author = Actor{Login: "ann", ID: 1}
	s.People = map[string]Person{}
	s.Teams = map[string]Team{}
	s.Memory = Memory{Changes: map[string]Change{}, Seen: map[string]Seen{}}
	s.FilesRead = true
	s.can("ann", "write")
	return s.files("src/a.go").push("c1", "ann")
}

// tick is a moment later than all before, and a number not used before.
func (s *scene) tick() (time.Time, int64) {
	s.clock = s.clock.Add(time.Minute)
	s.nextID++
	return s.clock, s.nextID
}

// can says what permission somebody has now.
func (s *scene) can(login, permission string) *scene {
	s.People[strings.ToLower(login)] = Person{Login: login, Permission: permission}
	return s
}

// team says who is in a team; with no members it exists and is empty.
func (s *scene) team(name string, members ...string) *scene {
	s.Teams[strings.ToLower(name)] = Team{Name: name, Found: true, Members: members}
	return s
}

// noTeam says that GitHub was asked for a team and shows none.
func (s *scene) noTeam(name string) *scene {
	s.Teams[strings.ToLower(name)] = Team{Name: name}
	return s
}

// files sets the whole difference at the head. Each is "path", "path=blob" or
// "old->new=blob", with "-" before it for a removed one and "+" for a new one.
func (s *scene) files(specs ...string) *scene {
	s.Files = filesOf(specs...)
	s.FileCount = len(s.Files)
	return s.remember()
}

func filesOf(specs ...string) []File {
	var out []File
	for _, spec := range specs {
		f := File{Status: "modified", Mode: "100644"}
		switch spec[0] {
		case '-':
			f.Status, f.Mode, spec = "removed", "gone", spec[1:]
		case '+':
			f.Status, spec = "added", spec[1:]
		}
		spec, f.SHA, _ = strings.Cut(spec, "=")
		if f.SHA == "" {
			f.SHA = "blob-of-" + spec
		}
		if old, now, ok := strings.Cut(spec, "->"); ok {
			f.Previous, spec, f.Status = old, now, "renamed"
		}
		f.Path = spec
		out = append(out, f)
	}
	return out
}

// remember records the difference at the head, as handrail does.
func (s *scene) remember() *scene {
	s.Memory.Changes[s.Head.SHA] = Change{Base: s.Base.Name, Files: append([]File(nil), s.Files...), Whole: true}
	return s
}

// push makes a commit of somebody's the head, with a new difference if one is
// given (in the form of files).
func (s *scene) push(sha, login string, specs ...string) *scene {
	at, _ := s.tick()
	who := Signature{Name: login, Email: login + "@example.com", Login: login}
	s.Commits = append(s.Commits, Commit{SHA: sha, Message: "Work", Author: who, Committer: who})
	s.CommitCount = len(s.Commits)
	s.Head.SHA = sha
	s.Memory.Heads = append(s.Memory.Heads, Head{SHA: sha, Since: at, Sender: login})
	if len(specs) > 0 {
		return s.files(specs...)
	}
	return s.remember()
}

// review submits a review at the head.
func (s *scene) review(login, state, body string) *scene {
	at, id := s.tick()
	if _, known := s.People[strings.ToLower(login)]; !known && login != "" {
		s.can(login, "write")
	}
	s.Reviews = append(s.Reviews, Review{ID: id, Author: Actor{Login: login}, State: state, Body: body, Commit: s.Head.SHA, Submitted: at})
	s.Memory.Seen["review/"+strconv.FormatInt(id, 10)] = Seen{Text: body, Head: s.Head.SHA, Base: s.Base.Name, Permission: s.People[strings.ToLower(login)].Permission}
	return s
}

func (s *scene) approved(login string) *scene { return s.review(login, "APPROVED", "") }
func (s *scene) blocked(login string) *scene  { return s.review(login, "CHANGES_REQUESTED", "") }

// said comments in the conversation.
func (s *scene) said(login, body string) *scene {
	at, id := s.tick()
	if _, known := s.People[strings.ToLower(login)]; !known && login != "" {
		s.can(login, "write")
	}
	s.Comments = append(s.Comments, Comment{ID: id, Author: Actor{Login: login}, Body: body, Created: at})
	s.Memory.Seen["comment/"+strconv.FormatInt(id, 10)] = Seen{Text: body, Head: s.Head.SHA, Base: s.Base.Name, Permission: s.People[strings.ToLower(login)].Permission}
	return s
}

// with changes the pull request in any other way.
func (s *scene) with(change func(*Pull)) *scene {
	change(&s.Pull)
	return s
}

// owners sets CODEOWNERS of the base branch, one argument a line.
func (s *scene) owners(lines ...string) *scene {
	s.Owners = OwnersFile{Path: ".github/CODEOWNERS", Text: strings.Join(lines, "\n") + "\n"}
	return s
}

// part finds a result in the tree by its id; its zero value when there is none.
func part(r Result, id string) Result {
	if r.ID == id {
		return r
	}
	for _, p := range r.Parts {
		if q := part(p, id); q.ID == id {
			return q
		}
	}
	return Result{}
}

// allText is everything a result says, for searching in it.
func allText(r Result) string {
	out := r.Name + ": " + r.Summary + "\n" + strings.Join(r.Notes, "\n") + "\n" + strings.Join(r.Can, ", ") + "\n"
	for _, p := range r.Parts {
		out += allText(p)
	}
	return out
}
