package checks

import "strings"

// frameworks are, by check, the controls of published frameworks that its result
// is evidence for: SOC 2 (AICPA Trust Services Criteria, 2017), ISO 27001:2022
// Annex A, PCI DSS 4.0, NIST SP 800-53 Rev. 5. That a control is listed says that
// an auditor may use the result for it, not that it fulfils all of the control.
var frameworks = map[string][]string{
	"review":                            {"SOC 2 CC8.1", "ISO 27001 A.8.32", "ISO 27001 A.5.3", "PCI DSS 6.2.3", "NIST CM-3", "NIST AC-5"},
	"status":                            {"SOC 2 CC8.1", "ISO 27001 A.8.29", "PCI DSS 6.5.1", "NIST CM-3(2)", "NIST SA-11"},
	"security":                          {"SOC 2 CC7.1", "SOC 2 CC8.1", "ISO 27001 A.8.28", "ISO 27001 A.8.29", "PCI DSS 6.2.4", "NIST CM-4", "NIST RA-5", "NIST SA-11", "NIST SI-10"},
	"release":                           {"SOC 2 CC8.1", "ISO 27001 A.8.31", "ISO 27001 A.8.32", "PCI DSS 6.5.1", "PCI DSS 6.5.2", "NIST CM-3", "NIST CM-3(2)", "NIST CM-5", "NIST SA-10"},
	"coverage":                          {"SOC 2 CC8.1", "ISO 27001 A.8.29", "NIST SA-11"},
	"compliance/title":                  {"SOC 2 CC8.1", "ISO 27001 A.8.32", "PCI DSS 6.5.1", "NIST CM-3"},
	"compliance/ticket":                 {"SOC 2 CC8.1", "ISO 27001 A.8.32", "PCI DSS 6.5.1", "NIST CM-3"},
	"compliance/labels":                 {"SOC 2 CC8.1", "NIST CM-3"},
	"compliance/wip":                    {"SOC 2 CC8.1", "NIST CM-3"},
	"compliance/description":            {"SOC 2 CC8.1", "ISO 27001 A.8.32", "PCI DSS 6.5.1", "NIST CM-3", "NIST CM-4"},
	"compliance/checklist":              {"SOC 2 CC8.1", "ISO 27001 A.8.32", "PCI DSS 6.5.1", "NIST CM-3", "NIST CM-4"},
	"compliance/signed_commits":         {"SOC 2 CC8.1", "ISO 27001 A.8.4", "NIST CM-14", "NIST SI-7"},
	"compliance/sign_off":               {"SOC 2 CC8.1", "NIST CM-3", "NIST SA-10"},
	"compliance/size":                   {"SOC 2 CC8.1", "ISO 27001 A.8.32", "PCI DSS 6.2.3", "NIST CM-3", "NIST CM-4"},
	"compliance/up_to_date":             {"SOC 2 CC8.1", "ISO 27001 A.8.29", "NIST CM-3(2)"},
	"compliance/linear":                 {"SOC 2 CC8.1", "NIST CM-3", "NIST SA-10"},
	"compliance/no_merge_commits":       {"SOC 2 CC8.1", "NIST CM-3", "NIST SA-10"},
	"compliance/branch_name":            {"SOC 2 CC8.1", "NIST CM-3"},
	"compliance/conversations_resolved": {"SOC 2 CC8.1", "ISO 27001 A.8.32", "PCI DSS 6.2.3", "NIST CM-3"},
	"compliance/freeze":                 {"SOC 2 CC8.1", "ISO 27001 A.8.32", "PCI DSS 6.5.1", "NIST CM-3", "NIST CM-5"},
	"compliance/separation":             {"SOC 2 CC8.1", "SOC 2 CC6.3", "ISO 27001 A.5.3", "PCI DSS 6.2.3", "NIST AC-5", "NIST CM-5"},
	"compliance/limits":                 {"SOC 2 CC8.1", "SOC 2 A1.1", "ISO 27001 A.8.6", "ISO 27001 A.8.32", "NIST CM-3", "NIST CM-4", "NIST CM-6"},
	"compliance/paths":                  {"SOC 2 CC8.1", "ISO 27001 A.5.3", "ISO 27001 A.8.32", "PCI DSS 6.5.1", "NIST CM-3", "NIST CM-5", "NIST AC-5"},
	"compliance/dependency_bot":         {"SOC 2 CC8.1", "ISO 27001 A.8.8", "NIST SI-2"},
}

// controlsOf are the controls that a result is evidence for, once its parts have
// theirs: a section of several controls is so for those that it has.
func controlsOf(r *Result) []string {
	if strings.Contains(r.ID, "/") || frameworks[r.ID] != nil {
		return ControlsOf(r.ID)
	}
	var out []string
	for i := range r.Parts {
		out = union(out, r.Parts[i].Controls)
	}
	return out
}

// ControlsOf are the controls, in published frameworks, that a result is evidence
// for, by the result's id: that of its check, or of a section, which has those of
// its checks. Nil for what no check judges.
func ControlsOf(id string) []string {
	section, rest, _ := strings.Cut(plainID(id), "/")
	if own, ok := frameworks[section]; ok {
		return own
	}
	if rest != "" {
		key, _, _ := strings.Cut(rest, "/")
		return frameworks[section+"/"+key]
	}
	var out []string
	for _, e := range All {
		if strings.HasPrefix(e.Name, section+"/") {
			out = union(out, frameworks[e.Name])
		}
	}
	return out
}
