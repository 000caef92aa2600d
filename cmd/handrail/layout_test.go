package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/handrail-bot/handrail"

// mayImport is the import table of the architecture: arrows point down, and
// there are no others. A new package needs a line here and a reason.
var mayImport = map[string][]string{
	"cmd/handrail": {"*"},
	"handlers":     {"checks", "config", "internal/store"},
	"internal/hub": {"checks"},
	// The only package that talks SQL.
	"internal/store": {"checks", "migrations"},
	// Report bytes become line hits; one file a format.
	"internal/coverage": {"checks", "internal/report"},
	// Changed lines and SARIF become findings.
	"internal/scan": {"checks", "internal/report"},
	// Values in configuration files, for limits.
	"internal/values": {"checks"},
	// Archives, JSON and paths of reports, which whatever reads a report needs and
	// which must be as careful in one place as in another.
	"internal/report": {"checks"},
	// The signed decision on a release, made from the log and verified without it: apart
	// from the store, since it is a format for others, and apart from the pages and the
	// command line, which both hand it out.
	"internal/attest": {"checks", "internal/store"},
	// The JSON API, for people and for what deploys.
	"internal/web": {"checks", "config", "internal/store", "internal/attest"},
	// The stand-in must know nothing of what it is a stand-in for.
	"internal/sim": {},
	// Holds the stand-in to GitHub's published descriptions; used by tests only.
	"internal/sim/oracle": {"internal/sim"},
	// Looks for secrets in all that tests make handrail let out, and in its database as
	// it lies; used by tests only.
	"internal/leak": {"internal/scan", "internal/sim"},
	"config":        {"checks"},
	"checks":        {},
	"migrations":    {},
}

// coreMayImport is all that the core may be made of: nothing that reads a file,
// a socket, a clock it was not given, or chance.
var coreMayImport = []string{
	"bytes", "cmp", "crypto/sha256", "encoding/hex", "encoding/json", "errors", "fmt", "hash", "maps", "math", "math/big", "math/bits",
	"net/url", "path", "regexp", "regexp/syntax", "slices", "strconv", "strings", "time", "unicode", "unicode/utf8",
	"github.com/bmatcuk/doublestar/v4", "github.com/hmarr/codeowners",
}

type goPackage struct {
	ImportPath  string
	Imports     []string
	TestImports []string
	GoFiles     []string
	Dir         string
}

func packages(t *testing.T) map[string]goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,GoFiles,Dir", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	all := map[string]goPackage{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p goPackage
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(p.ImportPath, module+"/")] = p
	}
	return all
}

func TestNoArrowPointsAnywhereButDown(t *testing.T) {
	for name, p := range packages(t) {
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("%s is not in the import table: give it a line and a reason, or find it another room", name)
			continue
		}
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, module+"/")
			if ours && !slices.Contains(allowed, to) && !slices.Contains(allowed, "*") {
				t.Errorf("%s imports %s; it may import %v", name, to, allowed)
			}
		}
	}
}

func TestTheCoreCannotReachOutside(t *testing.T) {
	core := packages(t)["checks"]
	for _, imp := range core.Imports {
		if !slices.Contains(coreMayImport, imp) {
			t.Errorf("checks imports %s, which is not on its short list", imp)
		}
	}
}

func TestOnlyTestsUseWhatIsForTests(t *testing.T) {
	for name, p := range packages(t) {
		for _, only := range []string{"internal/sim/oracle", "internal/leak"} {
			if slices.Contains(p.Imports, module+"/"+only) {
				t.Errorf("%s imports %s outside its tests: it would end up in the binary", name, only)
			}
		}
	}
}
