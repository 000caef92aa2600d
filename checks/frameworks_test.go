package checks_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// number is how the frameworks count their controls.
var number = regexp.MustCompile(`^(SOC 2 (CC\d\.\d|A1\.\d)|ISO 27001 A\.[5-8]\.\d{1,2}|PCI DSS \d\.\d\.\d|NIST [A-Z]{2}-\d{1,2}(\(\d\))?)$`)

func TestEveryCheckSaysWhichControlsItIsEvidenceFor(t *testing.T) {
	for _, e := range checks.All {
		controls := checks.ControlsOf(e.Name)
		if len(controls) == 0 {
			t.Errorf("%s has no line in the table of frameworks", e.Name)
		}
		for _, c := range controls {
			if !number.MatchString(c) {
				t.Errorf("%s: %q is no control's number", e.Name, c)
			}
		}
		section, key, _ := strings.Cut(e.Name, "/")
		floor := strings.TrimSuffix(section+"/floor/"+key, "/")
		if got := checks.ControlsOf(floor); !slices.Equal(got, controls) {
			t.Errorf("%s: %v, and of the floor's %v", e.Name, controls, got)
		}
		for _, rule := range []string{"/floor-plan", "/floor/floor-plan", "/floor"} {
			if got := checks.ControlsOf(e.Name + rule); !slices.Equal(got, controls) {
				t.Errorf("%s: %v, and of its rule %s %v", e.Name, controls, rule, got)
			}
		}
		for _, c := range controls {
			if !slices.Contains(checks.ControlsOf(section), c) {
				t.Errorf("the section %s lacks %s of %s", section, c, e.Name)
			}
		}
	}
}

func TestAVerdictNamesTheControlsOfEachResult(t *testing.T) {
	v := checks.Judge(checks.Policy{Sections: []checks.Section{
		{Name: "review", Checks: []checks.Check{checks.NewReview()}},
		{Name: "compliance", Checks: []checks.Check{checks.NewTitle(), checks.NewWIP()}},
	}}, checks.Pull{})
	for _, r := range v.Results {
		if len(r.Controls) == 0 {
			t.Errorf("%s names none", r.ID)
		}
		for _, p := range r.Parts {
			if !slices.Contains(p.Controls, "SOC 2 CC8.1") {
				t.Errorf("%s names %v", p.ID, p.Controls)
			}
		}
	}
}

func TestAReleasesResultsNameTheirControls(t *testing.T) {
	for _, id := range []string{"release", "release/tag", "release/production/qa", "release/floor/production"} {
		controls := checks.ControlsOf(id)
		if !slices.Contains(controls, "NIST CM-5") {
			t.Errorf("%s is evidence for %v", id, controls)
		}
		for _, c := range controls {
			if !number.MatchString(c) {
				t.Errorf("%s: %q is no control's number", id, c)
			}
		}
	}
}
