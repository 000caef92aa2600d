package scan

import (
	"math"
	"net/url"
	"strconv"
	"strings"
)

// levelUnknown is none of SARIF's words.
const levelUnknown = "unknown"

// component is a tool's driver or one of its extensions, which bring rules.
type component struct {
	name, version string
	rules         []sarifRule
	byID          map[string]int
}

// sarifRule is a reportingDescriptor.
type sarifRule struct {
	id, level, url, text string
	texts                map[string]string // messageStrings
	severity             severity
}

// severity is like CVSS's, in tenths.
type severity struct {
	tenths int16
	rated  bool
}

func (d *sarifReader) component() component {
	c := component{byID: map[string]int{}}
	semantic := ""
	d.members(func(key []byte) {
		switch string(key) {
		case "name":
			c.name = d.text(maxWord)
		case "version":
			c.version = d.text(maxWord)
		case "semanticVersion":
			semantic = d.text(maxWord)
		case "rules":
			d.items(func() { d.rule(&c) })
		default:
			d.Skip()
		}
	})
	if semantic != "" {
		c.version = semantic
	}
	return c
}

func (d *sarifReader) rule(c *component) {
	if len(c.rules) == maxRules {
		d.Fail("more than %d rules", maxRules)
		return
	}
	r := sarifRule{}
	full := ""
	d.members(func(key []byte) {
		switch string(key) {
		case "id":
			r.id = d.text(maxRule)
		case "helpUri":
			r.url = d.text(maxURI)
		case "shortDescription":
			r.text = d.message().text
		case "fullDescription":
			full = d.message().text
		case "messageStrings":
			d.messageStrings(&r)
		case "defaultConfiguration":
			d.members(func(key []byte) {
				if string(key) == "level" {
					r.level = d.text(maxWord)
				} else {
					d.Skip()
				}
			})
		case "properties":
			r.severity = d.severity()
		default:
			d.Skip()
		}
	})
	if r.text == "" {
		r.text = full
	}
	if _, known := c.byID[r.id]; !known {
		c.byID[r.id] = len(c.rules)
	}
	c.rules = append(c.rules, r)
}

func (d *sarifReader) messageStrings(r *sarifRule) {
	const most = 50
	d.members(func(key []byte) {
		id := string(key)
		text := d.message().text
		if text == "" || len(r.texts) == most {
			return
		}
		if r.texts == nil {
			r.texts = map[string]string{}
		}
		r.texts[id] = text
	})
}

// severity reads a bag of properties. GitHub's "security-severity" is a number
// from 0 to 10, mostly as a string ("SARIF support for code scanning").
func (d *sarifReader) severity() (s severity) {
	d.members(func(key []byte) {
		if string(key) != "security-severity" {
			d.Skip()
			return
		}
		if f, ok := d.number(); ok && f >= 0 {
			s = severity{int16(math.Round(10 * min(f, 10))), true}
		}
	})
	return s
}

// ruleOf is the rule of a result, nil where the file does not describe it.
func (r *sarifRun) ruleOf(f *sarifResult) *sarifRule {
	c := r.componentOf(f)
	if n := f.ruleIndex; n >= 0 && n < len(c.rules) && (f.rule == "" || isPartOf(f.rule, c.rules[n].id)) {
		return &c.rules[n]
	}
	if f.rule == "" {
		return nil
	}
	if rule := c.ruleBy(f.rule); rule != nil {
		return rule
	}
	return r.anyRule(f.rule)
}

// deepestRule is how many parts of an id are left out at the most, to find the
// rule that it is a part of.
const deepestRule = 5

// ruleBy is the component's rule of an id, or that of which it is a part.
func (c *component) ruleBy(id string) *sarifRule {
	for range deepestRule {
		if n, ok := c.byID[id]; ok && id != "" {
			return &c.rules[n]
		}
		id = above(id)
	}
	return nil
}

// anyRule is the rule of an id, whatever component brings it: the driver's
// first, then that of the first extension.
func (r *sarifRun) anyRule(id string) *sarifRule {
	if r.rules == nil {
		r.rules = map[string]*sarifRule{}
		r.gather(&r.driver)
		for i := range r.extensions {
			r.gather(&r.extensions[i])
		}
	}
	for range deepestRule {
		if rule := r.rules[id]; rule != nil && id != "" {
			return rule
		}
		id = above(id)
	}
	return nil
}

func (r *sarifRun) gather(c *component) {
	for id, n := range c.byID {
		if r.rules[id] == nil {
			r.rules[id] = &c.rules[n]
		}
	}
}

// componentOf is what brings the rule of a result: the driver where the result
// does not say.
func (r *sarifRun) componentOf(f *sarifResult) *component {
	if f.component >= 0 && f.component < len(r.extensions) {
		return &r.extensions[f.component]
	}
	for i := range r.extensions {
		if f.extension != "" && r.extensions[i].name == f.extension {
			return &r.extensions[i]
		}
	}
	return &r.driver
}

// isPartOf says whether an id is that of a rule or of a part of it (SARIF 2.1.0,
// 3.5.4: hierarchical strings).
func isPartOf(id, rule string) bool {
	return id == rule || strings.HasPrefix(id, rule) && id[len(rule)] == '/'
}

// above is the id without its last part, "" when it has one only.
func above(id string) string {
	return id[:max(strings.LastIndexByte(id, '/'), 0)]
}

// levelOf is a result's level (SARIF 2.1.0, 3.27.10), "" where it is none of
// the words.
func (f *sarifResult) levelOf(rule *sarifRule) string {
	level := f.level
	if level == "" && rule != nil {
		level = rule.level
	}
	switch level {
	case "":
		return "warning"
	case "error", "warning", "note", "none":
		return level
	}
	return ""
}

// severityOf is a result's own, else its rule's.
func (f *sarifResult) severityOf(rule *sarifRule) severity {
	if f.severity.rated || rule == nil {
		return f.severity
	}
	return rule.severity
}

// textOf is a result's message, else what its rule is about.
func (f *sarifResult) textOf(rule *sarifRule) string {
	text := f.message.text
	if text == "" && rule != nil {
		text = rule.texts[f.message.id]
		if text == "" {
			return rule.text
		}
	}
	if len(f.message.with) == 0 || !strings.Contains(text, "{") {
		return text
	}
	for i, with := range f.message.with {
		text = strings.Replace(text, "{"+strconv.Itoa(i)+"}", with, 1) // once: it is not to grow without bounds
	}
	return text
}

// link is a rule's page, "" where it is no address of the web.
func (r *sarifRule) link() string {
	const most = 500
	if r == nil || len(r.url) > most {
		return ""
	}
	u, err := url.Parse(r.url)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}
