const result = await codebolt.eventLog.appendEvent({
  instanceId: 'order-events',
  streamId: `order-${orderId}`,
  eventType: 'OrderCreated',
  payload: {
    orderId,
    customerId: 'customer-456',
    items: [
      { productId: 'prod-1', quantity: 2, price: 29.99 }
    ],
    totalAmount: 59.98,
    createdAt: Date.now()
  }
});
