package scan

import (
	"bytes"
	"compress/flate"
	varint "encoding/binary"
	"errors"
	"fmt"
	"io"
)

// findingsVersion begins every encoded set.
const findingsVersion = 1

// maxFindingsText is how large a set may be before it is compressed, in bytes.
// Those that [Reports] makes are far smaller.
const maxFindingsText = 2 * maxTexts

// ErrSet says that bytes are no set of findings, or one of another version.
var ErrSet = errors.New("no set of findings of a known version")

// The levels of a set, by number.
var setLevels = [...]string{"", "error", "warning", "note", "none"}

// encodeFindings is the set in a form to keep: the version, then, compressed
// with DEFLATE, how many findings there are and each of them. Numbers are
// unsigned varints. A text is 0, its length and its bytes, or, where it was there
// before, the number of the one that it is like, from 1.
func encodeFindings(all []entry) ([]byte, error) {
	out := bytes.NewBuffer([]byte{findingsVersion})
	w, err := flate.NewWriter(out, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	e := setEncoder{known: map[string]uint64{}}
	e.put(uint64(len(all)))
	for i := range all {
		e.entry(&all[i])
		if _, err := w.Write(e.buf); err != nil {
			return nil, err
		}
		e.buf = e.buf[:0]
	}
	if _, err := w.Write(e.buf); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

type setEncoder struct {
	buf   []byte
	known map[string]uint64
}

func (e *setEncoder) put(n uint64) { e.buf = varint.AppendUvarint(e.buf, n) }

func (e *setEncoder) text(s string) {
	if n, ok := e.known[s]; ok {
		e.put(n)
		return
	}
	e.known[s] = uint64(len(e.known) + 1)
	e.put(0)
	e.put(uint64(len(s)))
	e.buf = append(e.buf, s...)
}

func (e *setEncoder) entry(f *entry) {
	for _, s := range []string{f.tool, f.rule, f.path, f.text, f.url} {
		e.text(s)
	}
	e.put(uint64(f.line))
	e.put(uint64(f.end - f.line))
	level := 0
	for i, l := range setLevels {
		if l == f.level {
			level = i
		}
	}
	rated := 0
	if f.severity.rated {
		rated = 1 + int(f.severity.tenths)
	}
	e.put(uint64(level))
	e.put(uint64(rated))
	known := 0
	if f.known {
		known = 1
	}
	e.put(uint64(f.print.kind)<<1 | uint64(known))
	e.buf = append(e.buf, f.print.hash[:]...)
}

// decodeFindings reads what encodeFindings wrote. Whatever the bytes are, it
// takes no more memory than they warrant.
func decodeFindings(data []byte) ([]entry, error) {
	if len(data) == 0 || data[0] != findingsVersion {
		return nil, ErrSet
	}
	in := bytes.NewReader(data[1:])
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(in), maxFindingsText+1))
	switch {
	case err != nil || len(text) > maxFindingsText:
		return nil, fmt.Errorf("%w: it cannot be decompressed", ErrSet)
	case in.Len() > 0:
		return nil, fmt.Errorf("%w: something follows it", ErrSet)
	}
	d := setDecoder{text: text}
	const least = 18 // bytes that a finding takes
	all := make([]entry, d.get(uint64(min(len(text)/least, maxFindings))))
	for i := range all {
		all[i] = d.entry()
		if d.bad {
			break
		}
	}
	if d.bad || len(d.text) > 0 {
		return nil, fmt.Errorf("%w: it is damaged", ErrSet)
	}
	return all, nil
}

// setDecoder reads the findings. bad says that something in them cannot be.
type setDecoder struct {
	text  []byte
	known []string
	bad   bool
}

// get is the next number, which may not be above most.
func (d *setDecoder) get(most uint64) uint64 {
	v, n := varint.Uvarint(d.text)
	if n <= 0 || v > most {
		d.bad = true
		return 0
	}
	d.text = d.text[n:]
	return v
}

func (d *setDecoder) bytes(n uint64) []byte {
	if d.bad || n > uint64(len(d.text)) {
		d.bad = true
		return nil
	}
	b := d.text[:n]
	d.text = d.text[n:]
	return b
}

func (d *setDecoder) string() string {
	if n := d.get(uint64(len(d.known))); n > 0 {
		return d.known[n-1]
	}
	s := string(d.bytes(d.get(uint64(len(d.text)))))
	d.known = append(d.known, s)
	return s
}

func (d *setDecoder) entry() (f entry) {
	f.tool, f.rule, f.path, f.text, f.url = d.string(), d.string(), d.string(), d.string(), d.string()
	f.line = int(d.get(maxSourceEnd))
	f.end = f.line + int(d.get(maxSourceEnd))
	f.level = setLevels[d.get(uint64(len(setLevels)-1))]
	if rated := d.get(101); rated > 0 {
		f.severity = severity{int16(rated - 1), true}
	}
	kind := d.get(uint64(lastKind)<<1 | 1)
	f.known, f.print.kind = kind&1 == 1, printKind(kind>>1)
	copy(f.print.hash[:], d.bytes(uint64(len(f.print.hash))))
	d.bad = d.bad || f.end > maxSourceEnd
	return f
}
