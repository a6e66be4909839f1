/**
 * The lab's fixed credentials. They are no secrets: the lab listens on loopback only, holds nothing
 * of a customer, and the committed lab stack has to open and log in on every machine. A real site
 * never uses them.
 */

/** Passphrase that opens the encrypted values of the committed lab stack. */
export const LAB_PASSPHRASE = "atom-lab";

/** User of the lab's vCenter simulator. */
export const LAB_VCENTER_USER = "administrator@vsphere.local";

/** Password of the lab's vCenter simulator; the committed lab stack carries it encrypted. */
export const LAB_VCENTER_PASSWORD = "atom-lab-vcenter";
