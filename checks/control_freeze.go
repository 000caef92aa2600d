package checks

import (
	"fmt"
	"slices"
	"strings"
)

// Freeze is the control `compliance: {freeze: […]}`: windows of time in which nothing
// is merged, but what a role lets through by its sign-off. Outside of them it is met,
// and says when the next one begins.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.32, PCI DSS 6.5, NIST CM-3, CM-5.
type Freeze struct {
	// Windows are the list itself. Default: none.
	Windows []FreezeWindow `yaml:",list" tighten:"beside"`

	roles map[RoleName]Role
}

// FreezeWindow is one window of [Freeze]. It begins at from and ends before until,
// which are both moments, both times of the week, or, with days, both times of a day.
// Every time has its zone; an offset is fixed and knows no summer time.
type FreezeWindow struct {
	// Name is what the table calls the window. In lower case with dashes it is a part
	// of its id: Year end is compliance/freeze/year-end. It is needed.
	Name string `yaml:"name" tighten:"-"`
	// From is when it begins: a moment (2026-12-20T18:00:00+01:00), a time of every
	// week (fri 16:00+01:00), or a time of each of the days (16:00+01:00). It is
	// needed.
	From Time `yaml:"from" tighten:"same"`
	// Until is when it ends, in the same form. A time of a day that is not after that
	// of from is one of the next day; 24:00Z is the day's end. It is needed.
	Until Time `yaml:"until" tighten:"same"`
	// Days of every week on which it begins, for times of a day: mon, tue, wed, thu,
	// fri, sat, sun. Default: none.
	Days []Weekday `yaml:"days" tighten:"wider"`
	// Branches: it is for pull requests into base branches that match one of these
	// globs. Default: all.
	Branches []Glob `yaml:"branches" tighten:"wider|*"`
	// Files: it is for changes of files that match one of these globs, by their new or
	// their old path. Default: all.
	Files []Glob `yaml:"files" tighten:"wider|*"`
	// Reason for it; it is shown. It is needed.
	Reason string `yaml:"reason" tighten:"-"`
	// Role whose holders let a change through; nobody can who worked on it. Only what
	// they sign after the window has begun counts, so that no approval of before lets
	// anything through unseen. Default: none, so nothing is let through.
	Role RoleName `yaml:"role" tighten:"lifts"`
}

// NewFreeze is the control with its defaults: no window.
func NewFreeze() *Freeze { return &Freeze{} }

// UseRoles hands over the policy's roles.
func (f *Freeze) UseRoles(roles map[RoleName]Role) { f.roles = roles }

// rules are a sign-off for each window, in their order.
func (f *Freeze) rules() []SignOff {
	out := make([]SignOff, len(f.Windows))
	for i := range f.Windows {
		out[i] = SignOff{Name: f.Windows[i].Name, Role: f.Windows[i].Role}
	}
	return out
}

// Need asks for who holds the roles, and for the changed files where a window is
// about some.
func (f *Freeze) Need() Need {
	n := signingNeed(f.roles, f.rules()...)
	n.Files = slices.ContainsFunc(f.Windows, func(w FreezeWindow) bool { return len(w.Files) > 0 || w.Role != "" })
	return n
}

// Eval judges each window.
func (f *Freeze) Eval(pull Pull) Result { return f.judge(&pull, nil) }

// Wants is what must be known of those who may have let it through.
func (f *Freeze) Wants(pull Pull) Wants {
	var w Wants
	f.judge(&pull, &w)
	w.settle()
	return w
}

func (f *Freeze) judge(pull *Pull, w *Wants) Result {
	parts := make([]Result, len(f.Windows))
	for i := range f.Windows {
		parts[i] = f.window(pull, w, i)
	}
	r := Combine("compliance/freeze", "Freeze", parts)
	if r.State == Met {
		r.Summary = "No freeze holds it up now."
	}
	return r
}

// window judges one of the windows.
func (f *Freeze) window(pull *Pull, w *Wants, i int) Result {
	win := &f.Windows[i]
	r := Result{ID: slug("compliance/freeze/", win.Name), Name: win.Name, State: Met}
	applies, why := win.applies(pull)
	if !applies {
		r.State, r.Summary = Exempt, "Does not apply: "+why+"."
		return r
	}
	if pull.At.IsZero() {
		fault{"it is not known when this was read", operators}.fill(&r)
		return r
	}
	s, now := win.around(pull.At)
	switch {
	case now:
		r = f.frozen(pull, w, i, s)
		if why != "" {
			r.Notes = append(r.Notes, "The freeze applies, since "+why+".")
		}
	case s.begin.IsZero():
		r.Summary = "It was over on " + utcMinute(s.end) + "."
	default:
		r.Until = s.begin
		r.Summary = "It begins on " + utcMinute(s.begin) + " and ends on " + utcMinute(s.end) + ": " + phrase(win.Reason) + "."
	}
	return r
}

// frozen judges a window that holds now.
func (f *Freeze) frozen(pull *Pull, w *Wants, i int, s stretch) Result {
	win := &f.Windows[i]
	why := "Frozen until " + utcMinute(s.end) + ": " + phrase(win.Reason) + "."
	r := Result{ID: slug("compliance/freeze/", win.Name), Name: win.Name, State: Waiting, Until: s.end}
	if win.Role == "" {
		r.Summary, r.Can = why+" Nobody can let it through before.", []string{policyChangers}
		return r
	}
	x := signingOf(pull, w, f.roles, f.rules()[i])
	x.h.asked = request{by: "the freeze", at: s.begin, did: "began"}
	out := x.signed(0, r.ID, r.Name, why, nil)
	out.Until = s.end
	if out.State == Met {
		out.Notes = append([]string{why}, out.Notes...)
	}
	return out
}

// applies says whether a window is for a pull request; what cannot be known
// applies. why is the end of a sentence, "" where it is known to apply.
func (win *FreezeWindow) applies(pull *Pull) (ok bool, why string) {
	h := &hearing{pull: pull}
	return h.applies(&Condition{Branches: win.Branches, Files: win.Files}, nil)
}

// Faults finds windows that never hold, always hold, or cannot be told apart.
func (f *Freeze) Faults() []Fault {
	var out []Fault
	names := ruleNames{what: "window"}
	for i := range f.Windows {
		win := &f.Windows[i]
		if f, bad := names.fault(i, win.Name); bad {
			out = append(out, f)
		}
		add := func(key, message string, warning bool) {
			out = append(out, Fault{Key: fmt.Sprint(i, key), Message: message, Warning: warning})
		}
		if key, message := win.wrong(); message != "" {
			add(key, message, false)
		}
		if strings.TrimSpace(win.Reason) == "" {
			add("", "A freeze needs a reason.", false)
		}
		if len(win.Branches) > 0 && matchesAll(win.Branches) {
			add(".branches", "Every branch matches; leave it out.", true)
		}
		if len(win.Files) > 0 && matchesAll(win.Files) {
			add(".files", "Every file matches; leave it out.", true)
		}
	}
	if len(f.Windows) == 0 {
		out = append(out, Fault{Message: "No window is given."})
	}
	return out
}
