package scan

import (
	"cmp"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/report"
)

// entry is a finding of a set.
type entry struct {
	tool, rule, path, text, level, url string
	line, col, end                     int // col is not kept
	severity                           severity
	print                              imprint
	known                              bool // path is a file of the repository
}

// placing makes findings of results: it finds the files that they are in.
type placing struct {
	index *report.Index
	tree  checks.Tree
	say   func(text string, most int) string // what can be said of a text
	seal  seal
	found map[string]bool   // files of the repository
	odd   map[string]string // paths that are none, and why
}

// entries are the findings of one run.
func (p *placing) entries(run *sarifRun) []entry {
	paths := make([]sarifPath, len(run.results))
	for i := range run.results {
		paths[i] = run.pathOf(run.results[i].at)
	}
	files := p.files(paths)
	tool := run.name(p.say)
	all := make([]entry, len(run.results))
	for i := range run.results {
		f := &run.results[i]
		rule := run.ruleOf(f)
		text := p.say(f.textOf(rule), maxMessage)
		id := f.rule
		if id == "" && rule != nil {
			id = rule.id
		}
		file := files[paths[i]]
		all[i] = entry{
			tool: tool, rule: cmp.Or(p.say(id, maxRule), "unnamed rule"), text: oneLine(text, 300), url: p.link(rule),
			path: cmp.Or(file, p.told(paths[i])), known: file != "",
			level: f.levelOf(rule), severity: f.severityOf(rule),
			line: f.line, col: f.col, end: f.end, print: f.print.orWords(p.seal, text),
		}
	}
	return all
}

// files are the repository's files by the paths of a run. Those that are
// relative to one directory are found together, as [report.Index] needs it.
func (p *placing) files(paths []sarifPath) map[sarifPath]string {
	files := map[sarifPath]string{}
	byRoot := map[string][]sarifPath{}
	for _, at := range paths {
		if _, seen := files[at]; seen || at.path == "" {
			continue
		}
		files[at] = ""
		if at.remote {
			p.odd[p.told(at)] = "it is an address, and no path"
			continue
		}
		if _, exact := p.tree.Files[at.raw]; exact {
			p.found[at.raw] = true
			files[at] = at.raw
			continue
		}
		byRoot[at.root] = append(byRoot[at.root], at)
	}
	for root, group := range byRoot {
		p.place(root, group, files)
	}
	return files
}

func (p *placing) place(root string, group []sarifPath, files map[sarifPath]string) {
	slices.SortFunc(group, func(a, b sarifPath) int { return cmp.Compare(a.path, b.path) })
	paths := make([]string, len(group))
	for i, at := range group {
		paths[i] = at.path
	}
	var own []string
	if root != "" {
		own = []string{root}
	}
	for i, place := range p.index.Resolve(paths, own, nil) {
		if place.File == "" {
			p.odd[p.told(group[i])] = place.Odd
			continue
		}
		p.found[place.File] = true
		files[group[i]] = place.File
	}
}

// told is a path as the report has it, for people.
func (p *placing) told(at sarifPath) string { return report.Clip(p.say(at.path, maxURI)) }

// link is a rule's page, "" where it cannot be said whole.
func (p *placing) link(rule *sarifRule) string {
	link := rule.link()
	if p.say(link, maxURI) != link {
		return ""
	}
	return link
}

// mostTools is how many runs are told of.
const mostTools = 200

// orderedTools are the runs in order, alike ones once: first those that failed,
// so that none of them is left out.
func orderedTools(all []checks.ToolRun) []checks.ToolRun {
	well := func(r checks.ToolRun) int {
		if r.Failed == "" {
			return 1
		}
		return 0
	}
	slices.SortFunc(all, func(a, b checks.ToolRun) int {
		return cmp.Or(cmp.Compare(well(a), well(b)), cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Version, b.Version),
			cmp.Compare(a.Failed, b.Failed), cmp.Compare(a.Results, b.Results))
	})
	all = slices.Compact(all)
	return all[:min(len(all), mostTools)]
}
