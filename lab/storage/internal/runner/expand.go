package runner

import "strings"

// expand replaces $(NAME) by its value, as Kubernetes does in commands, arguments and variables: an unknown name
// stays as it is written, and $$ stands for one $.
func expand(text string, values map[string]string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '$' || i+1 == len(text) {
			out.WriteByte(text[i])
			continue
		}
		switch text[i+1] {
		case '$':
			out.WriteByte('$')
			i++
		case '(':
			end := strings.IndexByte(text[i:], ')')
			if end < 0 {
				out.WriteByte('$')
				continue
			}
			if value, known := values[text[i+2:i+end]]; known {
				out.WriteString(value)
			} else {
				out.WriteString(text[i : i+end+1])
			}
			i += end
		default:
			out.WriteByte('$')
		}
	}
	return out.String()
}

func expandAll(texts []string, values map[string]string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, expand(text, values))
	}
	return out
}
