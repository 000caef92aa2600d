package scan

import "strings"

// sarifPlace is where a result is: a file, some lines of it, and what is written
// there as far as the report quotes it. Lines and columns count from 1; 0 is
// unknown.
type sarifPlace struct {
	at             fileRef
	line, col, end int
	bad            bool   // a line is no line
	snippet        string // of the lines
	around         string // of these and more
	first          int    // the line with which around begins
}

// location reads one; nil where it is no place in a file.
func (d *sarifReader) location() (p *sarifPlace) {
	d.members(func(key []byte) {
		if string(key) == "physicalLocation" && d.Kind() == '{' {
			p = d.place()
		} else {
			d.Skip()
		}
	})
	return p
}

func (d *sarifReader) place() *sarifPlace {
	p := &sarifPlace{at: fileRef{artifact: -1}}
	d.members(func(key []byte) {
		switch string(key) {
		case "artifactLocation":
			p.at = d.fileRef()
		case "region":
			var last int
			p.line, last, p.snippet = d.region(p)
			p.end = max(p.line, last)
		case "contextRegion":
			aside := sarifPlace{}
			p.first, _, p.around = d.region(&aside)
		default:
			d.Skip()
		}
	})
	return p
}

// region reads some lines. Those that tools number 0 have no number.
func (d *sarifReader) region(p *sarifPlace) (from, to int, text string) {
	line := func() int {
		if d.Kind() == 'n' {
			d.Skip()
			return 0
		}
		n, ok := d.whole()
		if !ok || n < 0 || n > maxSourceEnd {
			p.bad = true
			return 0
		}
		return n
	}
	d.members(func(key []byte) {
		switch string(key) {
		case "startLine":
			from = line()
		case "endLine":
			to = line()
		case "startColumn":
			p.col, _ = d.whole()
		case "snippet":
			d.members(func(key []byte) {
				if string(key) == "text" && d.Kind() == '"' {
					text = string(d.Prefix(maxSnippet))
				} else {
					d.Skip()
				}
			})
		default:
			d.Skip()
		}
	})
	return from, to, text
}

// written is the first of the lines, as far as the report quotes it.
func (p *sarifPlace) written() string {
	text := p.snippet
	if n := p.line - p.first; p.first > 0 && n >= 0 {
		lines := strings.Split(p.around, "\n")
		if len(p.around) > maxSnippet-4 {
			lines = lines[:len(lines)-1] // it was cut
		}
		if n < len(lines) && strings.TrimSpace(lines[n]) != "" {
			return lines[n] // the whole of it, where a snippet may be a part
		}
	}
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			return line
		}
	}
	return ""
}
