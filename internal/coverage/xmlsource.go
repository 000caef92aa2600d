package coverage

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// xmlSource gives the decoder its bytes, so many for a token that a long one
// fills no memory, and in UTF-8. It keeps r's error.
type xmlSource struct {
	r      *bufio.Reader
	left   int  // bytes that the present token may still have
	latin1 bool // bytes are characters
	second byte // of a character from latin1, 0 if none
	err    error
}

var errLongToken = fmt.Errorf("a tag or text of more than %d bytes", maxXMLToken)

// ReadByte makes the decoder read byte by byte, so that left is exact.
func (s *xmlSource) ReadByte() (byte, error) {
	if s.second != 0 {
		c := s.second
		s.second = 0
		return c, nil
	}
	if s.left == 0 {
		return 0, errLongToken
	}
	c, err := s.r.ReadByte()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			s.err = err
		}
		return 0, err
	}
	s.left--
	if s.latin1 && c >= 0x80 {
		s.second = 0x80 | c&0x3f
		c = 0xc0 | c>>6
	}
	return c, nil
}

// Read is there for the decoder's sake; it is not used.
func (s *xmlSource) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c, err := s.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = c
	return 1, nil
}

// charset takes the encoding that the report declares; UTF-8 does not come here.
func (s *xmlSource) charset(name string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "iso-8859-1", "iso8859-1", "latin1", "latin-1":
		s.latin1 = true
	case "us-ascii", "ascii", "utf8":
	default:
		return nil, fmt.Errorf("only UTF-8, ASCII and ISO-8859-1 are read")
	}
	return r, nil
}
