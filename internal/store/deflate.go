package store

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// deflater compresses on at most as many threads as there are, since each
// compressor takes over half a megabyte.
type deflater struct {
	room    chan struct{}
	writers sync.Pool
}

func newDeflater() *deflater {
	return &deflater{room: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// pack compresses with DEFLATE.
func (d *deflater) pack(text []byte) []byte {
	d.room <- struct{}{}
	defer func() { <-d.room }()
	var out bytes.Buffer
	out.Grow(len(text)/4 + 64)
	w, _ := d.writers.Get().(*flate.Writer)
	if w == nil {
		w, _ = flate.NewWriter(&out, flate.BestSpeed) // fails only for an unknown level
	} else {
		w.Reset(&out)
	}
	_, _ = w.Write(text) // a bytes.Buffer takes everything
	_ = w.Close()
	d.writers.Put(w)
	return out.Bytes()
}

// packJSON is pack of a value's JSON.
func (d *deflater) packJSON(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode JSON: %w", err)
	}
	return d.pack(text), nil
}

// inflater decompresses; it is used by one goroutine at a time.
type inflater struct {
	src bytes.Reader
	r   io.ReadCloser
	out bytes.Buffer
}

// unpack undoes pack. The answer is valid until the next call.
func (f *inflater) unpack(packed []byte) ([]byte, error) {
	f.src.Reset(packed)
	if f.r == nil {
		f.r = flate.NewReader(&f.src)
	} else if err := f.r.(flate.Resetter).Reset(&f.src, nil); err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	f.out.Reset()
	if _, err := f.out.ReadFrom(f.r); err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return f.out.Bytes(), nil
}

// unpackJSON undoes packJSON.
func unpackJSON(packed []byte, v any) error {
	var f inflater
	text, err := f.unpack(packed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("decode JSON: %w", err)
	}
	return nil
}
