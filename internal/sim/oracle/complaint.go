package oracle

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// strictness is how values are held to schemas: all that is wrong is told, and
// what says it is a URI must be one, which the library does not ask by itself.
func strictness() []openapi3.SchemaValidationOption {
	return []openapi3.SchemaValidationOption{
		openapi3.MultiErrors(),
		openapi3.SetSchemaErrorMessageCustomizer(say),
		openapi3.WithStringFormatValidator("uri", openapi3.NewCallbackValidator(isURI)),
	}
}

// isURI takes "" too, which GitHub sends for an avatar it does not have.
func isURI(s string) error {
	if u, err := url.Parse(s); err != nil || u.Scheme == "" && s != "" {
		return fmt.Errorf("%q is no uri", s)
	}
	return nil
}

// say words an error with the place and the value, without the schema, which
// may be pages long.
func say(e *openapi3.SchemaError) string {
	at := "/" + strings.Join(e.JSONPointer(), "/")
	if e.Origin != nil {
		return at + ": " + e.Origin.Error()
	}
	value := fmt.Sprint(e.Value)
	if len(value) > 60 {
		value = strings.ToValidUTF8(value[:60], "") + "…"
	}
	return fmt.Sprintf("%s: %s: %s", at, e.Reason, value)
}

// complaints are the errors that err is made of, each in a line.
func complaints(at string, err error) []string {
	if err == nil {
		return nil
	}
	var several openapi3.MultiError
	if !errors.As(err, &several) {
		return []string{at + ": " + err.Error()}
	}
	var all []string
	for _, e := range several {
		all = append(all, complaints(at, e)...)
	}
	slices.Sort(all)
	return all
}
