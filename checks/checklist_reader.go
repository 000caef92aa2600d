package checks

import (
	"math"
	"strings"
)

// task is one line of a task list, as a reader sees it.
type task struct {
	ids    []string // of its comments, in lower case
	ticked bool
	text   string // what is shown behind the box
	words  string // the same, as it is compared
}

// tasksOf reads the task lists of a text as GitHub shows them (GitHub Flavored
// Markdown 0.29, "Task list items", "List items", "HTML blocks"): bullets and
// numbers, nested or not. What stands in code, in a quote or in a comment is no
// task. Where Markdown's rules are intricate this reader sees fewer tasks than
// GitHub shows, never more.
func tasksOf(text string) []task {
	var out []task
	r := taskReader{}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	for raw := range strings.SplitSeq(text, "\n") {
		if said, item := r.read(raw); item {
			if t, ok := taskOf(said); ok {
				out = append(out, t)
			}
		}
	}
	return out
}

// taskOf reads the text of a list item as a task: a box, a blank, what is to be
// done.
func taskOf(s string) (task, bool) {
	if len(s) < 3 || s[0] != '[' || s[2] != ']' || !strings.ContainsRune(" xX", rune(s[1])) {
		return task{}, false
	}
	rest := s[3:]
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return task{}, false
	}
	t := task{ticked: s[1] != ' '}
	shown, comments := inline(rest)
	t.text = clean(shown, taskLimit)
	t.words = strings.ToLower(plainWords(t.text))
	for _, c := range comments {
		if id := taskID(c); id != "" {
			t.ids = append(t.ids, id)
		}
	}
	return t, true
}

// taskLimit is up to how many characters of a task are read.
const taskLimit = 4000

// idMark begins a comment that names a task.
const idMark = "handrail:"

// listMarkLimit is up to how many items may begin on one line.
const listMarkLimit = 20

// taskID is the id in a comment, "" when there is none: letters, digits, and
// . _ - / between them, at most 100.
func taskID(comment string) string {
	s := strings.ToLower(strings.TrimSpace(comment))
	id, ok := strings.CutPrefix(s, idMark)
	id = strings.TrimSpace(id)
	if !ok || id == "" || len(id) > 100 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789._-/") != "" {
		return ""
	}
	return id
}

// taskReader is what has to be known of the lines before a line.
type taskReader struct {
	fence   string // the marks that opened a fenced block; "" outside of one
	fenceAt int    // the column of these marks
	until   string // what ends an HTML block: a mark, or "\n" for a blank line; "" outside of one
	within  int    // the column of the text of the list item that such a block is in, with which it ends
	items   []int  // the columns at which the text of the open list items begins
	para    bool   // the line before is a paragraph's, which this one may go on
	paraIn  int    // in how many list items that paragraph is
	depth   int    // HTML elements open whose text is quoted, code or struck out
}

// read takes the next line. It returns the text of a list item that begins on
// it, and whether there is one.
func (r *taskReader) read(raw string) (said string, item bool) {
	pos, col := unblank(raw, 0, 0)
	if pos < len(raw) && col < r.within {
		r.fence, r.until, r.within = "", "", 0
	}
	switch {
	case r.fence != "":
		// Indented further than the opening marks it may belong to the code.
		if col <= r.fenceAt && fenceEnds(strings.TrimSpace(raw), r.fence) {
			r.fence = ""
		}
		return "", false
	case r.until != "" && (r.until != "\n" || pos < len(raw)):
		r.inHTML(raw)
		return "", false
	case pos == len(raw):
		r.para, r.until = false, ""
		return "", false
	case r.depth > 0:
		r.inElement(raw)
		return "", false
	}
	for len(r.items) > 0 && r.items[len(r.items)-1] > col {
		r.items = r.items[:len(r.items)-1]
	}
	return r.block(raw, pos, col)
}

// base is the column at which the text of the innermost list item begins.
func (r *taskReader) base() int {
	if len(r.items) == 0 {
		return 0
	}
	return r.items[len(r.items)-1]
}

// block goes through the marks of list items at the beginning of a line to what
// stands behind them.
func (r *taskReader) block(raw string, pos, col int) (said string, item bool) {
	marks := 0
	for ; ; marks++ {
		if col-r.base() > 3 { // code, or the paragraph before goes on
			r.goOn()
			return "", false
		}
		if marks > listMarkLimit || r.blockOf(raw[pos:], col) {
			return "", false
		}
		goesOn := !item && r.para && r.paraIn == len(r.items)
		if goesOn && underline(raw[pos:]) > 0 {
			r.para = false // the paragraph is a heading
			return "", false
		}
		width, first := listMark(raw[pos:])
		next, at := unblank(raw, pos+width, col+width)
		if width == 0 || goesOn && (!first || next == len(raw)) {
			break
		}
		switch gap := at - col - width; {
		case next == len(raw):
			r.items, r.para = append(r.items, col+width+1), false
			return "", false
		case gap > 4: // one blank, and code behind it
			r.items, r.para = append(r.items, col+width+1), false
			return "", false
		}
		pos, col, item, r.para = next, at, true, false
		r.items = append(r.items, col)
	}
	said = raw[pos:]
	r.elements(said)
	if marks == 0 && heading(said).level == 0 && r.goOn() {
		return "", false
	}
	r.para, r.paraIn = heading(said).level == 0, len(r.items)
	return said, marks == 1 // GitHub makes no task of an item within one that begins on the same line
}

// goOn takes a line for a paragraph's within list items whose text it is not
// indented to: they stay open then ("Paragraph continuation text").
func (r *taskReader) goOn() bool {
	if !r.para || r.paraIn <= len(r.items) {
		return false
	}
	r.items = r.items[:r.paraIn]
	return true
}

// blockOf says whether a line's rest begins something in which there are no
// tasks, and notes how long that lasts.
func (r *taskReader) blockOf(s string, col int) bool {
	switch {
	case s[0] == '>', ruled(s):
		r.para = false
		return true
	case fenceOf(strings.TrimSpace(s)) != "":
		r.fence, r.fenceAt, r.within, r.para = fenceOf(strings.TrimSpace(s)), col, r.base(), false
		return true
	case s[0] == '<':
		r.until = htmlUntil(s, r.para && r.paraIn == len(r.items))
		if r.until == "" {
			return false
		}
		r.para, r.within = false, r.base()
		r.inHTML(s)
		return true
	}
	return false
}

// inHTML takes a line of an HTML block, which may end it.
func (r *taskReader) inHTML(s string) {
	if r.until == "\n" {
		r.elements(s) // a quote may go on behind the blank line
	} else if strings.Contains(strings.ToLower(s), r.until) {
		r.until = ""
	}
}

// inElement takes a line within elements that hide or quote. What is begun in
// them is not followed, so that nothing behind a fence or a comment in them is
// believed, and nothing behind their end before a blank line.
func (r *taskReader) inElement(raw string) {
	r.elements(raw)
	switch s := unlisted(strings.TrimSpace(raw)); {
	case fenceOf(s) != "", strings.HasPrefix(s, "<!"), strings.HasPrefix(s, "<?"):
		r.depth = math.MaxInt32
	case r.depth == 0:
		r.until, r.within, r.items, r.para = "\n", 0, nil, false
	}
}

// elements counts the elements that hide, strike out or quote what is in them.
func (r *taskReader) elements(s string) {
	if strings.IndexByte(s, '<') < 0 {
		return
	}
	shown, _ := inline(s)
	for i := strings.IndexByte(shown, '<'); i >= 0; {
		name, closing := element(shown[i:])
		switch {
		case name == "":
		case closing:
			r.depth = max(r.depth-1, 0)
		default:
			r.depth++
		}
		next := strings.IndexByte(shown[i+1:], '<')
		if next < 0 {
			return
		}
		i += 1 + next
	}
}
