"""The proof that nothing was lost: data, sequences and inventory of both sides compared."""
