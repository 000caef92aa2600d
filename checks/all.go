package checks

// Entry is one line of [All].
type Entry struct {
	// Name is the check's name in the policy: the section, or section/key for a
	// section of several controls. It is the id of its result.
	Name string
	// New returns a pointer to the check's settings with every default set.
	New func() Check
	// Default says that the check holds also when the policy does not name its
	// section.
	Default bool
}

// All lists every check by its name in the policy. A new check is one file and
// one line here.
var All = []Entry{
	{Name: "review", New: func() Check { return NewReview() }, Default: true},
	{Name: "status", New: func() Check { return NewStatus() }, Default: true},
	{Name: "security", New: func() Check { return NewSecurity() }},
	{Name: "coverage", New: func() Check { return NewCoverage() }},
	{Name: "compliance/title", New: func() Check { return NewTitle() }},
	{Name: "compliance/ticket", New: func() Check { return NewTicket() }},
	{Name: "compliance/labels", New: func() Check { return NewLabels() }},
	{Name: "compliance/wip", New: func() Check { return NewWIP() }},
	{Name: "compliance/description", New: func() Check { return NewDescription() }},
	{Name: "compliance/limits", New: func() Check { return NewLimits() }},
	{Name: "compliance/signed_commits", New: func() Check { return NewSignedCommits() }},
	{Name: "compliance/sign_off", New: func() Check { return NewDCO() }},
	{Name: "compliance/up_to_date", New: func() Check { return NewUpToDate() }},
	{Name: "compliance/linear", New: func() Check { return NewLinear() }},
	{Name: "compliance/no_merge_commits", New: func() Check { return NewNoMergeCommits() }},
	{Name: "compliance/branch_name", New: func() Check { return NewBranchName() }},
	{Name: "compliance/conversations_resolved", New: func() Check { return NewConversations() }},
	{Name: "compliance/size", New: func() Check { return NewSize() }},
	{Name: "compliance/paths", New: func() Check { return NewPaths() }},
	{Name: "compliance/separation", New: func() Check { return NewSeparation() }},
	{Name: "compliance/freeze", New: func() Check { return NewFreeze() }},
	{Name: "compliance/checklist", New: func() Check { return NewChecklist() }},
	{Name: "compliance/dependency_bot", New: func() Check { return NewDependencyBot() }},
}
