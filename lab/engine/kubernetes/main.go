// pulumi-resource-kubernetes: the published provider. Its own main needs files that are generated and not in its module.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// The SDK's version that this provider is released with; the engine compares it with what the program asks for.
const version = "4.34.2"

func main() {
	schema := []byte(`{"name":"kubernetes","version":"` + version + `"}`)
	provider.Serve("kubernetes", version, schema, []byte("{}"))
}
