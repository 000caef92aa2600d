package sim

import (
	"fmt"
	"strings"
)

// edit is one line of an edit script: ' ', '-' or '+'.
type edit struct {
	op   byte
	line string
}

// unified is a unified diff with three lines of context, from the first @@ on.
func unified(a, b string) (patch string, adds, dels int) {
	script := editScript(splitLines(a), splitLines(b))
	for _, e := range script {
		switch e.op {
		case '+':
			adds++
		case '-':
			dels++
		}
	}
	var out strings.Builder
	const context = 3
	oldLine, newLine := 1, 1
	for i := 0; i < len(script); {
		if script[i].op == ' ' {
			i++
			oldLine++
			newLine++
			continue
		}
		start := max(0, i-context)
		end, quiet := i, 0
		for end < len(script) && quiet <= 2*context {
			if script[end].op == ' ' {
				quiet++
			} else {
				quiet = 0
			}
			end++
		}
		end -= max(0, quiet-context)
		o, n := oldLine-(i-start), newLine-(i-start)
		oldLine, newLine = hunk(&out, script[start:end], o, n)
		i = end
	}
	return strings.TrimSuffix(out.String(), "\n"), adds, dels
}

func hunk(out *strings.Builder, part []edit, oldLine, newLine int) (int, int) {
	olds, news := 0, 0
	for _, e := range part {
		if e.op != '+' {
			olds++
		}
		if e.op != '-' {
			news++
		}
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(oldLine, olds), span(newLine, news))
	for _, e := range part {
		out.WriteByte(e.op)
		out.WriteString(e.line)
		if !strings.HasSuffix(e.line, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
	return oldLine + olds, newLine + news
}

func span(line, count int) string {
	switch count {
	case 0:
		return fmt.Sprintf("%d,0", line-1)
	case 1:
		return fmt.Sprint(line)
	}
	return fmt.Sprintf("%d,%d", line, count)
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	lines := strings.SplitAfter(s, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// editScript is a shortest edit script (Myers); texts that differ in more than
// 1,500 lines are replaced whole, which is right but not shortest.
func editScript(a, b []string) []edit {
	var head, tail []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, edit{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, edit{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	head = append(head, myers(a, b)...)
	for i := len(tail) - 1; i >= 0; i-- {
		head = append(head, tail[i])
	}
	return head
}

func myers(a, b []string) []edit {
	n, m := len(a), len(b)
	if n == 0 || m == 0 {
		return replace(a, b)
	}
	limit := min(n+m, 1500)
	v := make([]int, 2*limit+3)
	var trace [][]int
	for d := 0; d <= limit; d++ {
		trace = append(trace, append([]int(nil), v[limit+1-d:limit+2+d]...))
		for k := -d; k <= d; k += 2 {
			x := 0
			if k == -d || (k != d && v[limit+1+k-1] < v[limit+1+k+1]) {
				x = v[limit+1+k+1]
			} else {
				x = v[limit+1+k-1] + 1
			}
			y := x - k
			for x < n && y < m && a[x] == b[y] {
				x, y = x+1, y+1
			}
			v[limit+1+k] = x
			if x >= n && y >= m {
				return backtrack(a, b, trace, d)
			}
		}
	}
	return replace(a, b)
}

// backtrack reads the script from the furthest points of each round; trace[d]
// holds those of round d-1 for the diagonals -d..d.
func backtrack(a, b []string, trace [][]int, d int) []edit {
	x, y := len(a), len(b)
	var back []edit
	for ; d >= 0; d-- {
		k := x - y
		at := func(k int) int {
			if i := k + d; i >= 0 && i < len(trace[d]) {
				return trace[d][i]
			}
			return -1
		}
		prev := k - 1
		if k == -d || (k != d && at(k-1) < at(k+1)) {
			prev = k + 1
		}
		px := 0
		if d > 0 {
			px = at(prev)
		}
		py := px - prev
		if d == 0 {
			py = 0
		}
		for x > px && y > py && x > 0 && y > 0 && a[x-1] == b[y-1] {
			back = append(back, edit{' ', a[x-1]})
			x, y = x-1, y-1
		}
		if d == 0 {
			break
		}
		if x == px {
			back = append(back, edit{'+', b[y-1]})
			y--
		} else {
			back = append(back, edit{'-', a[x-1]})
			x--
		}
	}
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	return back
}

func replace(a, b []string) []edit {
	var out []edit
	for _, l := range a {
		out = append(out, edit{'-', l})
	}
	for _, l := range b {
		out = append(out, edit{'+', l})
	}
	return out
}
