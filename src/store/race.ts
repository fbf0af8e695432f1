/** Thrown by a transaction when others were faster and it must run again from its start. */
export class TransactionRace extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TransactionRace";
  }
}
