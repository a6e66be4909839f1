// The lab's vCenter: a small program of ours around govmomi's simulator.
module atom.example/lab/vcenter

go 1.26.0

require github.com/vmware/govmomi v0.18.0

require github.com/google/uuid v1.6.0 // indirect
