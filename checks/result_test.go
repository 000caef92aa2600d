package checks

import "testing"

// Where the organisation and the repository both ask for a section, people must
// still see what machines are at, once.
func TestWhatMachinesAreAtIsShownOfEveryPartOnce(t *testing.T) {
	r := Combine("status", "Status checks", []Result{
		{ID: "status/repository", State: Waiting, Progress: "1 of 2 required checks has finished."},
		{ID: "status/floor", State: Waiting, Progress: "1 of 2 required checks has finished."},
		{ID: "status/more", State: Waiting, Progress: "Still running: lint."},
		{ID: "status/done", State: Met},
	})
	if want := "1 of 2 required checks has finished. Still running: lint."; r.Progress != want {
		t.Errorf("shows %q, want %q", r.Progress, want)
	}
}
