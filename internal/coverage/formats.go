package coverage

import "io"

// format is one kind of report.
type format struct {
	// name as it is shown.
	name string
	// detect says whether a report that begins with prefix, after a byte order
	// mark, is of the kind. name is the file's, a hint at most.
	detect func(name string, prefix []byte) bool
	// parse reads it, to the end.
	parse func(r io.Reader) (*Report, error)
}

// formats are asked in this order. A new one is a file and a line here.
var formats = []format{
	{goFormat, isGo, parseGo},
	{lcovFormat, isLCOV, parseLCOV},
	{coberturaFormat, isCobertura, parseCobertura},
	{jacocoFormat, isJaCoCo, parseJaCoCo},
	{cloverFormat, isClover, parseClover},
	{istanbulFormat, isIstanbul, parseIstanbul},
	{coveragePyFormat, isCoveragePy, parseCoveragePy},
	{simpleCovFormat, isSimpleCov, parseSimpleCov},
	{llvmFormat, isLLVM, parseLLVM},
	{codecovFormat, isCodecov, parseCodecov},
}
