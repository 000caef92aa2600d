package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Close closes the pull request without merging.
func (p *Pull) Close(by string) { p.do(by, p.close) }

func (p *Pull) close(by *Account) {
	if p.state != "open" {
		return
	}
	p.unindex()
	p.state, p.closed = "closed", p.repo.gh.now()
	p.happened("ClosedEvent", by, m{})
	p.act("closed", by, nil)
	p.leaveQueue(by, "MANUAL")
}

// Reopen opens a closed pull request again, at its branch as it is now.
func (p *Pull) Reopen(by string) error {
	var err error
	p.do(by, func(who *Account) {
		if p.merged || p.state == "open" || p.headRepo == nil || p.headRepo.branches[p.headRef] == "" {
			err = fmt.Errorf("reopen #%d: it is merged, open or without a branch", p.Number)
			return
		}
		p.state, p.closed, p.head = "open", time.Time{}, p.headRepo.branches[p.headRef]
		p.index()
		p.happened("ReopenedEvent", who, m{})
		p.act("reopened", who, nil)
	})
	return err
}

// SetTitle changes the title.
func (p *Pull) SetTitle(by, title string) {
	p.do(by, func(who *Account) {
		was := p.title
		p.title, p.edited = title, p.repo.gh.now()
		p.happened("RenamedTitleEvent", who, m{"previous": was, "current": title})
		p.act("edited", who, m{"changes": m{"title": m{"from": was}}})
	})
}

// SetBody changes the description.
func (p *Pull) SetBody(by, body string) {
	p.do(by, func(who *Account) {
		was := p.body
		p.body, p.edited = body, p.repo.gh.now()
		p.act("edited", who, m{"changes": m{"body": m{"from": was}}})
	})
}

// Retarget changes the base branch.
func (p *Pull) Retarget(by, base string) error {
	var err error
	p.do(by, func(who *Account) {
		if p.repo.branches[base] == "" {
			err = fmt.Errorf("retarget #%d: no branch %q", p.Number, base)
			return
		}
		was, sha := p.base, p.baseWas
		p.unindex()
		p.base, p.baseWas = base, p.repo.branches[base]
		p.index()
		p.happened("BaseRefChangedEvent", who, m{"previous": was, "current": base})
		p.leaveQueue(who, "MANUAL")
		p.act("edited", who, m{"changes": m{"base": m{"ref": m{"from": was}, "sha": m{"from": sha}}}})
	})
	return err
}

// SetDraft makes it a draft, or ready for review.
func (p *Pull) SetDraft(by string, draft bool) {
	p.do(by, func(who *Account) {
		if p.draft == draft {
			return
		}
		if p.draft = draft; draft {
			p.happened("ConvertToDraftEvent", who, m{})
			p.act("converted_to_draft", who, nil)
			return
		}
		p.happened("ReadyForReviewEvent", who, m{})
		p.act("ready_for_review", who, nil)
	})
}

// RequestReview asks somebody, or a team by "org/slug", to review.
func (p *Pull) RequestReview(by, reviewer string) {
	p.do(by, func(who *Account) { p.request(who, reviewer, true) })
}

// UnrequestReview takes that back.
func (p *Pull) UnrequestReview(by, reviewer string) {
	p.do(by, func(who *Account) { p.request(who, reviewer, false) })
}

func (p *Pull) request(who *Account, reviewer string, wanted bool) {
	gh, action := p.repo.gh, "review_requested"
	if !wanted {
		action = "review_request_removed"
	}
	if org, slug, ok := strings.Cut(reviewer, "/"); ok {
		o := gh.orgs[strings.ToLower(org)]
		if o == nil || o.team(slug) == nil {
			return
		}
		t := o.team(slug)
		if p.teams = slices.DeleteFunc(p.teams, func(x *Team) bool { return x == t }); wanted {
			p.teams = append(p.teams, t)
		}
		p.act(action, who, m{"requested_team": gh.teamJSON(t)})
		return
	}
	a := gh.account(reviewer)
	if p.people = slices.DeleteFunc(p.people, func(x *Account) bool { return x == a }); wanted {
		p.people = append(p.people, a)
	}
	p.act(action, who, m{"requested_reviewer": gh.userJSON(a)})
}
