"""Orders: their life, their groups, and the manager that submits those made by hand."""
