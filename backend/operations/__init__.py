"""Operations: work that takes longer than a request, and says how far it is."""
