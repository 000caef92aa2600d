package checks

import "testing"

func TestAnExpressionCannotStepOutOfTheLineItStandsFor(t *testing.T) {
	for _, text := range []string{`/x)|(?:y/`, `/)|(/`, `/a)$|^(b/`, `/(/`, `/+1/`, `/a*/`, `/\Qa/`, "a\nb", " ", ""} {
		var p Phrase
		if err := p.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken, and is said by \"only y\": %v", text, p.Says("only y"))
		}
	}
	var p Phrase
	if err := p.UnmarshalText([]byte(`/a|b c/`)); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]bool{"a": true, "A": true, "b c": true, "a b c": false, "b": false, "a\nb c": false} {
		if p.Says(line) != want {
			t.Errorf("%q says %s: %v", line, p, !want)
		}
	}
}

func TestAPermissionThatGitHubDidNotSayIsNone(t *testing.T) {
	for i, p := range permissions {
		for j, q := range permissions {
			if got, want := Permission(p).AtLeast(Permission(q)), i >= max(j, 1); got != want {
				t.Errorf("%s is at least %s: %v", p, q, got)
			}
		}
	}
	for _, p := range []Permission{"", "owner", "WRITE", "none"} {
		if p.AtLeast("read") || p.AtLeast("") || p.AtLeast("none") {
			t.Errorf("%q passes for access", p)
		}
	}
}
