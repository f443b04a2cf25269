import { createElement, useEffect, useState, useSyncExternalStore } from 'react';
import { createClient, type Status } from 'usher-client';

const client = createClient({ url: 'https://gw.example' });

export function useConnectionStatus(): Status {
  return useSyncExternalStore(
    (changed) => client.on('status', changed),
    () => client.status,
    () => 'disconnected',
  );
}

export function Order({ id }: { id: number }) {
  const status = useConnectionStatus();
  const [order, setOrder] = useState('unknown');

  useEffect(() => {
    client.connect();
    const subscription = client.subscribe(`orders:${id}`, (data) => setOrder(data.status));
    return () => subscription.unsubscribe();
  }, [id]);

  return createElement('p', null, `order ${id}: ${order} (${status})`);
}
