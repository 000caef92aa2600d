package checks

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The commands that people write as a line of a comment, besides those that sign.
const (
	overrideCommand = "/override"
	glassCommand    = "/break-glass"
	followCommand   = "/follow-up"
	recheckCommand  = "/recheck"
	explainCommand  = "/explain"
)

// commandWords are all commands, those about releases too: a word that is nearly one of
// them may be meant for it.
var commandWords = []string{
	approveCommand, revokeCommand, overrideCommand, suppressCommand, glassCommand, followCommand, recheckCommand, explainCommand,
	"/sign-off", "/promote", "/reject",
}

// order is one line of a comment that begins as a command does.
type order struct {
	moment
	comment *Comment
	line    string
	verb    string // in lower case
	rest    string
	// past says that the line stands only in the first text of a comment that
	// was edited since.
	past bool
}

// key is who gave it, as [account] has it.
func (o *order) key() string { return account(o.comment.Author) }

// ordersIn are the commands that people have written in comments, oldest first. An
// App is nobody who commands; our own comments, which quote commands, least of all.
func ordersIn(pull *Pull) []order {
	var out []order
	for i := range pull.Comments {
		c := &pull.Comments[i]
		if key := account(c.Author); c.Ours || gone(key) || isApp(key) {
			continue
		}
		out = appendOrders(out, c, c.Body, false)
		if s := pull.Memory.Seen["comment/"+evidenceID(c.ID)]; s.Text != c.Body {
			out = appendOrders(out, c, s.Text, true)
		}
	}
	slices.SortStableFunc(out, func(a, b order) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id), strings.Compare(a.key(), b.key()))
	})
	return out
}

func appendOrders(out []order, c *Comment, text string, past bool) []order {
	if !strings.Contains(text, "/") {
		return out
	}
	spoken(text, func(line string) bool {
		if verb, rest, ok := slashed(line); ok {
			out = append(out, order{moment: moment{c.Created, c.ID}, comment: c, line: line, verb: verb, rest: rest, past: past})
		}
		return true
	})
	return out
}

// slashed is a line's first word in lower case, and the rest, where the word is a
// slash and something without another: "/etc/hosts" is no command.
func slashed(line string) (verb, rest string, ok bool) {
	if len(line) < 2 || line[0] != '/' || len(line) > 10000 {
		return "", "", false
	}
	verb = line
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		verb, rest = line[:i], strings.TrimSpace(line[i:])
	}
	return strings.ToLower(verb), rest, strings.IndexByte(verb[1:], '/') < 0
}

// withoutOurs is the snapshot without what handrail itself has commented, which
// quotes others and names commands, and is nothing that anybody said.
func withoutOurs(pull Pull) Pull {
	ours := func(c Comment) bool { return c.Ours }
	if slices.ContainsFunc(pull.Comments, ours) {
		pull.Comments = slices.DeleteFunc(slices.Clone(pull.Comments), ours)
	}
	return pull
}

// spokenAt says at which commit a comment was written, "" when that is not known.
func (p *Pull) spokenAt(c *Comment) string { return p.Memory.Seen["comment/"+evidenceID(c.ID)].Head }

// near is the command that a word may be meant for: one letter away from it, or two
// in a long one; "" when it is a command, or nothing like one.
func near(verb string) string {
	best, least := "", 3
	for _, known := range commandWords {
		if verb == known {
			return ""
		}
		most := 1
		if len(known) > 7 {
			most = 2
		}
		if len(verb) > len(known)+most {
			continue // a line may be long
		}
		if d := Slips(verb, known); d <= most && d < least {
			best, least = known, d
		}
	}
	return best
}

// missedCommands are notes on lines, written at the present head, that are nearly
// commands. They are for those who work here: what strangers write is not explained
// to everybody. Whoever has written the right one since knows it already.
func missedCommands(pull *Pull, orders []order) []string {
	type said struct{ verb, key string }
	last := map[said]int{}
	for i := range orders {
		last[said{orders[i].verb, orders[i].key()}] = i
	}
	var out []string
	looked := 0
	for i := range orders {
		o := &orders[i]
		if o.past || pull.spokenAt(o.comment) != pull.Head.SHA || !pull.involved(o.comment.Author) {
			continue
		}
		if looked++; looked > missedLimit {
			break
		}
		if meant := near(o.verb); meant != "" && last[said{meant, o.key()}] <= i {
			out = append(out, Plain(o.comment.Author.Login)+"'s line \""+quoted(o.line)+"\" is no command: \""+meant+"\" may be meant.")
		}
	}
	return limited(slices.Compact(sorted(out)), "such lines")
}

// missedLimit is how many lines are compared with commands. Ours: comments have room for
// hundreds of thousands.
const missedLimit = 2000

// involved says whether somebody opened the pull request, or is known to have at
// least triage access.
func (p *Pull) involved(who Actor) bool {
	key := account(who)
	if gone(key) || isApp(key) {
		return false
	}
	if key == account(p.Author) && !p.Author.Bot || who.ID != 0 && who.ID == p.Author.ID {
		return true
	}
	return Permission(p.People[key].Permission).AtLeast("triage")
}

// recheckHeed is how long a request to look again is heeded.
const recheckHeed = time.Hour

// recheckAsked is when somebody who may last asked by command that everything be
// read and judged anew; zero when nobody did within the last hour.
func recheckAsked(pull *Pull, orders []order) (at time.Time) {
	for i := range orders {
		o := &orders[i]
		if o.verb == recheckCommand && !o.past && pull.At.Sub(o.at) < recheckHeed && pull.involved(o.comment.Author) && o.at.After(at) {
			at = o.at
		}
	}
	return at
}

// Recheck says whether somebody has asked by command that everything be read anew,
// and our runs do not show that it was.
func Recheck(pull Pull) bool {
	at := recheckAsked(&pull, ordersIn(&pull))
	r := newest(RunMerge, &pull)
	return r != nil && r.Started.Before(at)
}

// commandWants is whose permission decides whether a command is heeded.
func commandWants(pull *Pull, orders []order) (w Wants) {
	for i := range orders {
		o := &orders[i]
		if o.verb != recheckCommand || o.past || pull.At.Sub(o.at) >= recheckHeed || pull.involved(o.comment.Author) {
			continue
		}
		w.Users = union(w.Users, notAsked([]string{o.key()}, pull.People))
	}
	return w
}
