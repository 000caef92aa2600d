package checks

// Valuation asks for the values at some keys of changed files, for limits.
type Valuation struct {
	// Files are read that match one of these globs by their new path.
	Files []Glob `json:"files"`
	// Keys are patterns of keys, as [KeyPattern] has them.
	Keys []string `json:"keys"`
}

// Key tells valuations apart.
func (v Valuation) Key() string { return keyOf(v) }

// Values are the values of the changed files that a [Valuation] asks for. Engine
// names the reader that found them, so that what an older one found is read anew.
type Values struct {
	Engine string      `json:"engine,omitzero"`
	Files  []ValueFile `json:"files,omitzero"`
}

// ValueFile is one changed file. BaseFault and HeadFault say, as the end of a
// sentence, why the file could not be read there ("" when it could, or when it
// is not there).
type ValueFile struct {
	Path      string  `json:"path"`
	Previous  string  `json:"previous,omitzero"`
	Format    string  `json:"format,omitzero"` // kubernetes, helm, compose, cloudformation, terraform, yaml or json
	Base      []Value `json:"base,omitzero"`
	Head      []Value `json:"head,omitzero"`
	BaseFault string  `json:"base_fault,omitzero"`
	HeadFault string  `json:"head_fault,omitzero"`
}

// Value is one value at one key.
type Value struct {
	// Document tells apart the documents of one file, and the objects in them, by
	// what they are called rather than by their place: "Deployment/shop/api".
	Document string `json:"document,omitzero"`
	// Key is the dotted path; list items are told apart by their name where they
	// have one, else by their place: "spec.template.spec.containers[api].resources.limits.memory".
	Key string `json:"key"`
	// Text is the value as it is written, cut to 100 characters.
	Text string `json:"text"`
	// Amount is the number it means, exactly, in decimal ("1099511627776", "0.5");
	// "" when it is no number. What unit a suffix means depends on the format.
	Amount string `json:"amount,omitzero"`
	// Times is how many replicas there are of it, in decimal; "" when nothing says
	// so, which is one; "?" when it cannot be told.
	Times string `json:"times,omitzero"`
	// Unresolved: an expression, a template or a reference, whose value is known
	// only elsewhere.
	Unresolved bool `json:"unresolved,omitzero"`
	// Line counts from 1.
	Line int `json:"line,omitzero"`
}

// Content is a file at a commit, as GitHub has it. Fault says, as the end of a
// sentence, why it could not be read. It is no part of a snapshot.
type Content struct {
	Blob, Text string
	Absent     bool
	Fault      string
}
