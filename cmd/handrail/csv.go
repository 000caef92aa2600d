package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// printCSV prints rows as RFC 4180 has them, with its line ends. A cell that a
// spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV
// Injection"); characters that do not show are replaced.
func printCSV(w io.Writer, rows [][]string) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = csvCell(cell)
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

func csvCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		s = "'" + s
	}
	return strings.Map(visible, s)
}
