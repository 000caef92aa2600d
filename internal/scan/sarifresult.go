package scan

import (
	"strings"
)

// sarifResult is one result as it stands in the file.
type sarifResult struct {
	rule           string
	ruleIndex      int // in the component's rules, -1 is none
	component      int // of the tool's extensions, -1 is none
	extension      string
	level          string
	message        sarifMessage
	at             fileRef
	line, col, end int
	print          imprint
	severity       severity
}

// sarifMessage is a text, or the id of one of the rule's with what is put into
// it.
type sarifMessage struct {
	text, id string
	with     []string
}

type resultVerdict int

const (
	isFinding  resultVerdict = iota
	isNone                   // the tool found nothing wrong
	isNonsense               // cannot be understood
)

// result reads one. Suppressions in it are not heeded: they come from comments
// in the pull request's own code, or from whoever made the report.
func (d *sarifReader) result() (f sarifResult, v resultVerdict) {
	f = sarifResult{ruleIndex: -1, component: -1, at: fileRef{artifact: -1}}
	kind, hash := "", ""
	var place, target *sarifPlace
	ok := d.members(func(key []byte) {
		switch string(key) {
		case "ruleId":
			if id := d.text(maxRule); id != "" {
				f.rule = id
			}
		case "ruleIndex":
			if n := d.index(); n >= 0 {
				f.ruleIndex = n
			}
		case "rule":
			d.ruleRef(&f)
		case "kind":
			kind = d.text(maxWord)
		case "level":
			f.level = d.text(maxWord)
		case "message":
			f.message = d.message()
		case "locations":
			d.items(func() {
				if at := d.location(); place == nil {
					place = at
				}
			})
		case "analysisTarget":
			target = &sarifPlace{at: d.fileRef()}
		case "partialFingerprints":
			hash = d.lineHash()
		case "properties":
			f.severity = d.severity()
		default:
			d.Skip()
		}
	})
	if place == nil {
		place = target
	}
	if place != nil {
		f.at, f.line, f.col, f.end = place.at, place.line, place.col, place.end
	}
	f.print = d.seal.printOf(hash, place)
	return f, f.judge(ok, kind, place)
}

// judge says what a result is. One that the tool leaves to people (review, open)
// is a finding that nobody rated.
func (f *sarifResult) judge(ok bool, kind string, place *sarifPlace) resultVerdict {
	unnamed := f.rule == "" && f.ruleIndex < 0
	mute := f.message.text == "" && f.message.id == ""
	switch {
	case !ok:
		return isNonsense
	case kind == "pass" || kind == "notApplicable" || kind == "informational":
		return isNone
	case unnamed && mute || place != nil && place.bad:
		return isNonsense
	case kind == "review" || kind == "open":
		f.level = levelUnknown
	}
	return isFinding
}

// ruleRef reads the rule of a result, which may name a component of the tool.
func (d *sarifReader) ruleRef(f *sarifResult) {
	d.members(func(key []byte) {
		switch string(key) {
		case "id":
			if id := d.text(maxRule); f.rule == "" {
				f.rule = id
			}
		case "index":
			if n := d.index(); n >= 0 {
				f.ruleIndex = n
			}
		case "toolComponent":
			d.members(func(key []byte) {
				switch string(key) {
				case "index":
					f.component = d.index()
				case "name":
					f.extension = d.text(maxWord)
				default:
					d.Skip()
				}
			})
		default:
			d.Skip()
		}
	})
}

func (d *sarifReader) message() (m sarifMessage) {
	markdown := ""
	d.members(func(key []byte) {
		switch string(key) {
		case "text":
			m.text = d.text(maxMessage)
		case "markdown":
			markdown = d.text(maxMessage)
		case "id":
			m.id = d.text(maxRule)
		case "arguments":
			d.items(func() {
				if text := d.text(maxRule); len(m.with) < maxArguments {
					m.with = append(m.with, text)
				}
			})
		default:
			d.Skip()
		}
	})
	if m.text == "" {
		m.text = markdown
	}
	return m
}

// maxArguments is how many texts are put into a message.
const maxArguments = 10

// lineHash is what GitHub's own tools make of a line and its place among equal
// ones, of which the place is left out: here it is counted anew ("SARIF support
// for code scanning", fingerprints).
func (d *sarifReader) lineHash() (hash string) {
	d.members(func(key []byte) {
		if string(key) == "primaryLocationLineHash" {
			hash, _, _ = strings.Cut(d.text(maxWord), ":")
		} else {
			d.Skip()
		}
	})
	return hash
}
