package scan

import "slices"

// note remembers what around a word a rule has to look through. Words come in the
// order of the text, so that what overlaps is put together with the last one.
func (s *search) note(u *use, end int) {
	if !s.rules[u.rule].isFor(s.path) {
		return
	}
	if s.near == nil {
		s.near = make([][]span, len(s.rules))
	}
	one := span{max(end-u.before, 0), min(end+u.after, len(s.text))}
	list := s.near[u.rule]
	if n := len(list); n > 0 && one.from <= list[n-1].to {
		list[n-1].to = max(list[n-1].to, one.to)
		return
	}
	s.near[u.rule] = append(list, one)
}

// lookThrough holds the rules of regions against theirs, piece by piece.
func (s *search) lookThrough() error {
	for number, list := range s.near {
		runs := s.rules[number].region().runs
		for _, all := range list {
			if s.rules[number].id == manifestRule {
				s.manifests(s.rules[number], all)
				continue
			}
			if runs != nil {
				if err := s.runsOf(number, runs, all); err != nil {
					return err
				}
				continue
			}
			for from := all.from; from < all.to; {
				if err := s.ctx.Err(); err != nil {
					return stopped(err)
				}
				to := min(from+pieceSize, all.to)
				s.piece(s.rules[number], span{from, to})
				if to == all.to {
					break
				}
				from = to - pieceOverlap
			}
		}
	}
	return nil
}

// piece takes all matches in a part of the text. What overlaps another piece is
// found twice at one place, of which one is kept.
func (s *search) piece(r *rule, p span) {
	for _, m := range r.whole.FindAllStringSubmatchIndex(s.text[p.from:p.to], -1) {
		for i := range m {
			if m[i] >= 0 {
				m[i] += p.from
			}
		}
		s.take(r, m)
	}
}

// runsOf tries a rule at every run of word bytes that is as long as its first one is.
func (s *search) runsOf(number int, lengths []int, all span) error {
	for at := all.from; at < all.to; at++ {
		from := at
		for at < all.to && wordByte[s.text[at]] {
			at++
		}
		if !slices.Contains(lengths, at-from) || s.isDone(number, from) {
			continue
		}
		if s.tried++; s.tried%64 == 0 && s.ctx.Err() != nil {
			return stopped(s.ctx.Err())
		}
		s.try(number, from, min(from+s.rules[number].reach+1, len(s.text)))
	}
	return nil
}
