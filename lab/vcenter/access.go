package main

import (
	"crypto/subtle"
	"slices"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// credentials are the one user that the lab's vCenter knows.
type credentials struct{ user, password string }

func (c credentials) match(user, password string) bool {
	sameUser := subtle.ConstantTimeCompare([]byte(user), []byte(c.user))
	samePassword := subtle.ConstantTimeCompare([]byte(password), []byte(c.password))
	return sameUser&samePassword == 1
}

// privileges answers as if the user had every privilege but the denied ones.
func privileges(request *types.HasPrivilegeOnEntities, denied []string) *methods.HasPrivilegeOnEntitiesBody {
	response := &types.HasPrivilegeOnEntitiesResponse{}
	for _, entity := range request.Entity {
		answer := types.EntityPrivilege{Entity: entity}
		for _, id := range request.PrivId {
			answer.PrivAvailability = append(answer.PrivAvailability, types.PrivilegeAvailability{
				PrivId:    id,
				IsGranted: !slices.Contains(denied, id),
			})
		}
		response.Returnval = append(response.Returnval, answer)
	}
	return &methods.HasPrivilegeOnEntitiesBody{Res: response}
}
