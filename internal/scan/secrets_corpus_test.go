package scan

import (
	"encoding/pem"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// corpus is source text of the modules in the module cache, as it is on this
// machine: up to so many bytes, not more than a tenth of them from one module.
func corpus(t testing.TB, size int) []checks.PatchFile {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "all").Output()
	if err != nil {
		t.Fatal(err)
	}
	dirs := strings.Fields(string(out))
	if more := os.Getenv("HANDRAIL_CORPUS"); more != "" {
		dirs = filepath.SplitList(more)
	}
	slices.Sort(dirs)
	var files []checks.PatchFile
	all := 0
	// gitleaks itself is full of examples of what it finds.
	dirs = slices.DeleteFunc(dirs, func(dir string) bool { return strings.Contains(dir, "gitleaks") })
	for _, dir := range dirs {
		one := moduleFiles(t, dir, min(size/25, size-all))
		for _, f := range one {
			all += len(f.New)
		}
		files = append(files, one...)
	}
	t.Logf("%d files of %d modules, %.1f MB", len(files), len(dirs), float64(all)/1e6)
	return files
}

// moduleFiles are the text files of a directory, up to so many bytes.
func moduleFiles(t testing.TB, dir string, size int) (files []checks.PatchFile) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if len(content) > size || len(content) > 1<<20 || slices.Contains(content, 0) {
			return nil
		}
		size -= len(content)
		f := checks.PatchFile{New: content, Fetched: true}
		f.Path, _ = filepath.Rel(dir, path)
		f.Status = "added"
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What blocks a change by mistake is why people switch such a check off: in 2 MB of
// what others wrote there may be one. Private keys that were committed for tests
// are no mistake: they are keys, and are counted apart.
func TestStrongFindsAreRareInOthersCode(t *testing.T) {
	size, keys, strong, weak := 0, 0, map[string]int{}, map[string]int{}
	wrong := 0
	for _, f := range corpus(t, 20e6) {
		size += len(f.New)
		hits, err := scanner.engine.find(t.Context(), f.Path, string(f.New))
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits {
			switch {
			case h.weak:
				weak[h.rule.id]++
			case h.rule.id == "private-key" && isKey(h.secret):
				keys++
			default:
				wrong++
				strong[h.rule.id]++
			}
		}
	}
	t.Logf("in %.1f MB: %d private keys, strong: %v, weak: %v", float64(size)/1e6, keys, strong, weak)
	if wrong > size/2_000_000 || size < 10_000_000 {
		t.Errorf("%d strong finds in %d bytes that are none", wrong, size)
	}
}

// isKey says that a text is one private key in PEM, also as it is in a literal.
func isKey(text string) bool {
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	return block != nil && strings.HasSuffix(block.Type, "PRIVATE KEY") && len(block.Bytes) >= 32
}
