package scan

import (
	"cmp"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// sarifRun is one run of a tool. What its results refer to may stand behind
// them, so that they are related only once all of it was read.
type sarifRun struct {
	tool, version string
	driver        component
	rules         map[string]*sarifRule // of all components, see anyRule
	extensions    []component
	artifacts     []fileRef
	bases         map[string]fileRef // originalUriBaseIds
	results       []sarifResult
	skipped       int // results that made no sense

	listed    bool   // there is a list of results
	elsewhere bool   // parts of the run are in other files
	failed    bool   // the tool says so
	trouble   string // the first error that it tells of, or why it failed
}

// fileRef is where a file is, an artifactLocation: an address, which may be
// relative to a base, or the place of one among the run's artifacts.
type fileRef struct {
	uri, base string
	artifact  int // -1 is none
}

func (d *sarifReader) run(results *int) *sarifRun {
	r := &sarifRun{bases: map[string]fileRef{}}
	d.members(func(key []byte) {
		switch string(key) {
		case "tool":
			d.tools = d.Kind() == '{' || d.tools
			d.tool(r)
		case "results":
			r.listed = d.items(func() { d.oneOf(r, results) })
		case "artifacts":
			d.items(func() { d.artifact(r) })
		case "originalUriBaseIds":
			d.members(func(key []byte) { d.base(r, key) })
		case "invocations":
			d.items(func() { d.invocation(r) })
		case "externalPropertyFileReferences":
			r.elsewhere = d.elsewhere()
		default:
			d.Skip()
		}
	})
	return r
}

// elsewhere says whether what a scan is judged by is in other files. Others hold
// taxonomies and the like.
func (d *sarifReader) elsewhere() (away bool) {
	d.members(func(key []byte) {
		switch string(key) {
		case "results", "artifacts", "invocations", "driver", "extensions":
			if d.Kind() == '{' {
				away = true
				d.Skip()
				return
			}
			d.items(func() { away = true; d.Skip() })
		default:
			d.Skip()
		}
	})
	return away
}

// oneOf reads one of the run's results. It counts those of the whole file.
func (d *sarifReader) oneOf(r *sarifRun, results *int) {
	if *results == maxResults {
		d.Fail("more than %d results", maxResults)
		return
	}
	*results++
	switch f, verdict := d.result(); verdict {
	case isFinding:
		r.results = append(r.results, f)
	case isNonsense:
		r.skipped++
	}
}

func (d *sarifReader) tool(r *sarifRun) {
	d.members(func(key []byte) {
		switch string(key) {
		case "driver":
			r.driver = d.component()
			r.tool, r.version = r.driver.name, r.driver.version
		case "extensions":
			d.items(func() {
				if len(r.extensions) == maxExtensions {
					d.Fail("more than %d extensions of a tool", maxExtensions)
					return
				}
				r.extensions = append(r.extensions, d.component())
			})
		default:
			d.Skip()
		}
	})
}

func (d *sarifReader) artifact(r *sarifRun) {
	if len(r.artifacts) == maxArtifacts {
		d.Fail("more than %d artifacts", maxArtifacts)
		return
	}
	at := fileRef{artifact: -1}
	d.members(func(key []byte) {
		if string(key) == "location" {
			at = d.fileRef()
		} else {
			d.Skip()
		}
	})
	r.artifacts = append(r.artifacts, at)
}

func (d *sarifReader) base(r *sarifRun, key []byte) {
	if len(r.bases) == maxBases {
		d.Fail("more than %d bases of addresses", maxBases)
		return
	}
	name := string(key)
	r.bases[name] = d.fileRef()
}

func (d *sarifReader) fileRef() fileRef {
	at := fileRef{artifact: -1}
	d.members(func(key []byte) {
		switch string(key) {
		case "uri":
			at.uri = d.text(maxURI)
		case "uriBaseId":
			at.base = d.text(maxRule)
		case "index":
			at.artifact = d.index()
		default:
			d.Skip()
		}
	})
	return at
}

// invocation reads how the tool ran.
func (d *sarifReader) invocation(r *sarifRun) {
	d.members(func(key []byte) {
		switch string(key) {
		case "executionSuccessful":
			r.failed = d.untrue() || r.failed
		case "exitCodeDescription", "processStartFailureMessage":
			text := d.text(maxMessage)
			r.trouble = cmp.Or(r.trouble, text)
		case "toolExecutionNotifications", "toolConfigurationNotifications":
			d.items(func() { d.notification(r) })
		default:
			d.Skip()
		}
	})
}

func (d *sarifReader) notification(r *sarifRun) {
	level, text := "", ""
	d.members(func(key []byte) {
		switch string(key) {
		case "level":
			level = d.text(maxWord)
		case "message":
			text = d.message().text
		default:
			d.Skip()
		}
	})
	if level == "error" {
		r.trouble = cmp.Or(r.trouble, text, "an error without a message")
	}
}

// told is what there is to say of the run as a whole. say makes of a
// text what can be said of it.
func (r *sarifRun) told(say func(string, int) string) checks.ToolRun {
	t := checks.ToolRun{Tool: r.name(say), Version: say(r.version, maxWord), Results: len(r.results)}
	because := ""
	if r.trouble != "" {
		because = ": " + strings.TrimRight(say(r.trouble, 200), ". ")
	}
	switch {
	case r.failed:
		t.Failed = "the tool says that it failed" + because
	case r.elsewhere:
		t.Failed = "parts of the run are in other files, which handrail does not read"
	case !r.listed:
		t.Failed = "the run has no list of results"
	case r.trouble != "" && len(r.results) == 0:
		t.Failed = "the tool found nothing and reports an error" + because
	}
	return t
}

// name is the tool's; results of a tool without a name are kept too.
func (r *sarifRun) name(say func(string, int) string) string {
	return cmp.Or(say(r.tool, maxWord), "unnamed tool")
}
